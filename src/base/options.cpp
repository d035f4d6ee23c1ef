#include <hasten/options.h>

#include <array>
#include <utility>

#include "base/error.h"

namespace hasten {
namespace {

template <typename Enum, std::size_t count>
using Names = std::array<std::pair<Enum, const char*>, count>;

constexpr Names<Precision, 7> k_precisions = {{{Precision::k_float32, "fp32"},
                                               {Precision::k_bfloat16, "bf16"},
                                               {Precision::k_float16, "fp16"},
                                               {Precision::k_int8, "int8"},
                                               {Precision::k_int8_plain, "int8-plain"},
                                               {Precision::k_float8, "fp8"},
                                               {Precision::k_auto, "auto"}}};

constexpr Names<Function, 3> k_functions = {{{Function::k_softmax, "softmax"},
                                             {Function::k_sigmoid, "sigmoid"},
                                             {Function::k_none, "none"}}};

template <typename Enum, std::size_t count>
Enum parse(const Names<Enum, count>& names, const std::string& name, const char* kind) {
  std::string known;
  for (const auto& [value, its_name] : names) {
    if (name == its_name) return value;
    known += (known.empty() ? "" : ", ") + std::string(its_name);
  }
  fail(ErrorCode::k_usage, "there is no " + std::string(kind) + " '" + name + "'", {}, {},
       "Choose one of: " + known + ".");
}

template <typename Enum, std::size_t count>
const char* find_name(const Names<Enum, count>& names, Enum value) {
  for (const auto& [its_value, name] : names) {
    if (its_value == value) return name;
  }
  return "";
}

}  // namespace

Precision parse_precision(const std::string& name) {
  return parse(k_precisions, name, "precision");
}

Function parse_function(const std::string& name) {
  return parse(k_functions, name, "function");
}

const char* name_of(Precision precision) {
  return find_name(k_precisions, precision);
}

const char* name_of(Function function) {
  return find_name(k_functions, function);
}

}  // namespace hasten
