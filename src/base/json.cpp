#include "base/json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.h"

namespace hasten {
namespace {

Json convert(simdjson::dom::element element);

Json convert_array(simdjson::dom::array array) {
  Json::Array out;
  out.reserve(array.size());
  for (const auto item : array) out.push_back(convert(item));
  return Json(std::move(out));
}

Json convert_object(simdjson::dom::object object) {
  Json::Object out;
  out.reserve(object.size());
  for (const auto& field : object) out.emplace_back(std::string(field.key), convert(field.value));
  return Json(std::move(out));
}

// Recursion is at most as deep as simdjson's own limit.
Json convert(simdjson::dom::element element) {
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::ARRAY:
      return convert_array(element.get_array().value_unsafe());
    case element_type::OBJECT:
      return convert_object(element.get_object().value_unsafe());
    case element_type::INT64:
      return Json(Json::Value(element.get_int64().value_unsafe()));
    case element_type::UINT64:
      return Json(Json::Value(static_cast<double>(element.get_uint64().value_unsafe())));
    case element_type::DOUBLE:
      return Json(Json::Value(element.get_double().value_unsafe()));
    case element_type::STRING:
      return Json(Json::Value(std::string(element.get_string().value_unsafe())));
    case element_type::BOOL:
      return Json(Json::Value(element.get_bool().value_unsafe()));
    default:
      return {};
  }
}

// Integers beyond 64 bits become floating-point: transformers writes "no limit" as
// 1000000000000000019884624838656, which simdjson refuses.
std::string widen_integers(std::string_view text) {
  constexpr std::size_t k_safe_digits = 18;
  constexpr std::string_view k_digits = "0123456789";
  std::string out;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    out += letter;
    if (in_string && letter == '\\' && i + 1 < text.size()) out += text[++i];
    if (letter == '"') in_string = !in_string;
    if (in_string || k_digits.find(letter) == k_digits.npos) continue;
    const std::size_t end = std::min(text.find_first_not_of(k_digits, i), text.size());
    const char before = i == 0 ? ' ' : text[i - 1];
    const char after = end == text.size() ? ' ' : text[end];
    out.append(text, i + 1, end - i - 1);
    const bool whole = std::string_view(".eE+").find(before) == std::string_view::npos &&
                       std::string_view(".eE").find(after) == std::string_view::npos;
    if (whole && end - i > k_safe_digits) out += "e0";
    i = end - 1;
  }
  return out;
}

[[noreturn]] void fail_type(std::string_view what, std::string_view wanted) {
  fail(ErrorCode::k_malformed, fmt::format("{} is not {}", what, wanted));
}

template <typename T>
const T& checked(const Json::Value& value, std::string_view what, std::string_view wanted) {
  if (const T* held = std::get_if<T>(&value)) return *held;
  fail_type(what, wanted);
}

const Json k_null;

}  // namespace

Json Json::parse(std::string_view text, std::string where) {
  if (text.empty()) fail(ErrorCode::k_malformed, "empty where JSON is expected", std::move(where));
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  auto error = parser.parse(text.data(), text.size()).get(root);
  if (error == simdjson::NUMBER_ERROR) error = parser.parse(widen_integers(text)).get(root);
  if (error != simdjson::SUCCESS) {
    fail(ErrorCode::k_malformed, fmt::format("not valid JSON: {}", simdjson::error_message(error)),
         std::move(where));
  }
  return convert(root);
}

bool Json::as_bool(std::string_view what) const {
  return checked<bool>(value_, what, "true or false");
}

std::int64_t Json::as_integer(std::string_view what) const {
  if (const double* number = std::get_if<double>(&value_)) {
    // 1e30, which transformers writes for "no limit", is no int64; a whole 128.0 is.
    if (std::floor(*number) == *number && std::abs(*number) < 0x1p62) {
      return static_cast<std::int64_t>(*number);
    }
  }
  return checked<std::int64_t>(value_, what, "an integer");
}

double Json::as_number(std::string_view what) const {
  if (const auto* integer = std::get_if<std::int64_t>(&value_))
    return static_cast<double>(*integer);
  return checked<double>(value_, what, "a number");
}

const std::string& Json::as_string(std::string_view what) const {
  return checked<std::string>(value_, what, "a string");
}

const Json::Array& Json::as_array(std::string_view what) const {
  return checked<Array>(value_, what, "an array");
}

const Json::Object& Json::as_object(std::string_view what) const {
  return checked<Object>(value_, what, "an object");
}

const Json& Json::operator[](std::string_view key) const {
  const auto* object = std::get_if<Object>(&value_);
  if (object == nullptr) return k_null;
  for (auto field = object->rbegin(); field != object->rend(); ++field) {
    if (field->first == key) return field->second;
  }
  return k_null;
}

bool Json::contains(std::string_view key) const {
  const auto* object = std::get_if<Object>(&value_);
  if (object == nullptr) return false;
  for (const auto& field : *object) {
    if (field.first == key) return true;
  }
  return false;
}

bool Json::get_bool(std::string_view key, bool fallback) const {
  const Json& value = (*this)[key];
  return value.is_null() ? fallback : value.as_bool(key);
}

std::int64_t Json::get_integer(std::string_view key, std::int64_t fallback) const {
  const Json& value = (*this)[key];
  return value.is_null() ? fallback : value.as_integer(key);
}

double Json::get_number(std::string_view key, double fallback) const {
  const Json& value = (*this)[key];
  return value.is_null() ? fallback : value.as_number(key);
}

std::string Json::get_string(std::string_view key, std::string fallback) const {
  const Json& value = (*this)[key];
  if (value.is_null()) return fallback;
  return value.as_string(key);
}

}  // namespace hasten
