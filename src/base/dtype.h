// Element types of tensors, as the file formats have them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hasten {

enum class DType : std::uint8_t {
  k_float32,
  k_float64,
  k_float16,
  k_bfloat16,
  k_int8,
  k_uint8,
  k_int16,
  k_uint16,
  k_int32,
  k_uint32,
  k_int64,
  k_uint64,
  k_bool,
};

// Bytes of one element.
std::size_t size_of(DType dtype);

// "float32", "int64", ...: numpy's names, as printed everywhere.
std::string_view name_of(DType dtype);

bool is_floating(DType dtype);

// The lowest finite number of a floating type.
double lowest_of(DType dtype);

// The DType of a C++ type: dtype_of<float>() is k_float32.
template <typename T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<float>() {
  return DType::k_float32;
}
template <>
constexpr DType dtype_of<double>() {
  return DType::k_float64;
}
template <>
constexpr DType dtype_of<std::int8_t>() {
  return DType::k_int8;
}
template <>
constexpr DType dtype_of<std::uint8_t>() {
  return DType::k_uint8;
}
template <>
constexpr DType dtype_of<std::int32_t>() {
  return DType::k_int32;
}
template <>
constexpr DType dtype_of<std::int64_t>() {
  return DType::k_int64;
}
template <>
constexpr DType dtype_of<bool>() {
  return DType::k_bool;
}

}  // namespace hasten
