#include "base/dtype.h"

#include <array>

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

}  // namespace hasten
