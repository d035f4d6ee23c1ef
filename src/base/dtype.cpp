#include "base/dtype.h"

#include <array>
#include <limits>

namespace hasten {
namespace {

struct Traits {
  std::size_t size;
  std::string_view name;
};

// In the order of DType.
constexpr std::array<Traits, 13> k_traits = {{{4, "float32"},
                                              {8, "float64"},
                                              {2, "float16"},
                                              {2, "bfloat16"},
                                              {1, "int8"},
                                              {1, "uint8"},
                                              {2, "int16"},
                                              {2, "uint16"},
                                              {4, "int32"},
                                              {4, "uint32"},
                                              {8, "int64"},
                                              {8, "uint64"},
                                              {1, "bool"}}};

}  // namespace

std::size_t size_of(DType dtype) {
  return k_traits[static_cast<std::size_t>(dtype)].size;
}

std::string_view name_of(DType dtype) {
  return k_traits[static_cast<std::size_t>(dtype)].name;
}

bool is_floating(DType dtype) {
  return dtype <= DType::k_bfloat16;
}

double lowest_of(DType dtype) {
  constexpr double k_float16 = -65504;
  constexpr double k_bfloat16 = -3.3895313892515355e38;
  if (dtype == DType::k_float16) return k_float16;
  if (dtype == DType::k_bfloat16) return k_bfloat16;
  if (dtype == DType::k_float64) return std::numeric_limits<double>::lowest();
  return std::numeric_limits<float>::lowest();
}

}  // namespace hasten
