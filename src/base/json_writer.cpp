#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/json.h"

namespace hasten {
namespace {

template <typename T>
void append_shortest(std::string& out, T value) {
  if (std::isnan(value)) {
    out += "\"NaN\"";
  } else if (std::isinf(value)) {
    out += value < 0 ? "\"-Infinity\"" : "\"Infinity\"";
  } else {
    char digits[64];
    const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
    out.append(digits, end);
  }
}

// How many bytes of text at `position` are a line separator that JSON allows raw: U+0085 (C2 85),
// U+2028 and U+2029 (E2 80 A8, E2 80 A9).
std::size_t line_separator_length(std::string_view text, std::size_t position) {
  const std::string_view rest = text.substr(position, 3);
  if (rest.starts_with("\xC2\x85")) return 2;
  if (rest == "\xE2\x80\xA8" || rest == "\xE2\x80\xA9") return 3;
  return 0;
}

void append_value(std::string& out, const Json& json);

template <typename Items, typename Append>
void append_list(std::string& out, const Items& items, char open, char close, Append append) {
  out += open;
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ", ";
    first = false;
    append(item);
  }
  out += close;
}

struct ValueWriter {
  std::string& out;
  void operator()(std::monostate) const { out += "null"; }
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(std::int64_t value) const { out += std::to_string(value); }
  void operator()(double value) const { append_json_number(out, value); }
  void operator()(const std::string& value) const { append_json_string(out, value); }
  void operator()(const Json::Array& items) const {
    append_list(out, items, '[', ']', [&](const Json& item) { append_value(out, item); });
  }
  void operator()(const Json::Object& fields) const {
    append_list(out, fields, '{', '}', [&](const auto& field) {
      append_json_string(out, field.first);
      out += ": ";
      append_value(out, field.second);
    });
  }
};

void append_value(std::string& out, const Json& json) {
  std::visit(ValueWriter{out}, json.value());
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else if (const std::size_t length = line_separator_length(text, i); length != 0) {
      out += length == 2 ? "\\u0085" : (text[i + 2] == '\xA8' ? "\\u2028" : "\\u2029");
      i += length - 1;
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_json_number(std::string& out, float value) {
  append_shortest(out, value);
}

void append_json_number(std::string& out, double value) {
  append_shortest(out, value);
}

std::string to_string(const Json& json) {
  std::string out;
  append_value(out, json);
  return out;
}

}  // namespace hasten
