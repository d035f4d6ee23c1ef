// Element types as ONNX numbers them (TensorProto.DataType).
#pragma once

#include <cstdint>
#include <optional>

#include "base/dtype.h"

namespace hasten {

// Nothing for types that Hasten has not: strings, complex numbers, 8-bit floats, 4-bit integers.
std::optional<DType> dtype_of_onnx(std::int64_t code);
std::int64_t onnx_code_of(DType dtype);

}  // namespace hasten
