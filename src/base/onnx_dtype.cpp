#include "base/onnx_dtype.h"

#include <array>

namespace hasten {
namespace {

// In the order of DType.
constexpr std::array<std::int64_t, 13> k_codes = {1, 11, 10, 16, 3, 2, 5, 4, 6, 12, 7, 13, 9};

}  // namespace

std::optional<DType> dtype_of_onnx(std::int64_t code) {
  for (std::size_t index = 0; index < k_codes.size(); ++index) {
    if (k_codes[index] == code) return static_cast<DType>(index);
  }
  return std::nullopt;
}

std::int64_t onnx_code_of(DType dtype) {
  return k_codes[static_cast<std::size_t>(dtype)];
}

}  // namespace hasten
