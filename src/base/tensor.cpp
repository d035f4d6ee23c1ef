#include "base/tensor.h"

#include <fmt/format.h>

#include <cstring>

#include "base/error.h"
#include "base/half.h"

namespace hasten {
namespace {

template <typename Source, typename Target, typename Convert>
std::vector<Target> convert_all(const Tensor& tensor, Convert convert) {
  std::vector<Target> out(tensor.bytes.size() / sizeof(Source));
  const std::byte* from = tensor.bytes.data();
  for (Target& value : out) {
    Source element;
    std::memcpy(&element, from, sizeof(Source));  // a file gives no alignment
    // NOLINTNEXTLINE(bugprone-signed-char-misuse): an int8 is a number here
    value = static_cast<Target>(convert(element));
    from += sizeof(Source);
  }
  return out;
}

constexpr auto k_same = [](auto value) { return value; };

template <typename Target>
std::vector<Target> to_floating(const Tensor& tensor) {
  switch (tensor.dtype) {
    case DType::k_float32:
      return convert_all<float, Target>(tensor, k_same);
    case DType::k_float64:
      return convert_all<double, Target>(tensor, k_same);
    case DType::k_float16:
      return convert_all<std::uint16_t, Target>(tensor, float16_to_float);
    case DType::k_bfloat16:
      return convert_all<std::uint16_t, Target>(tensor, bfloat16_to_float);
    default:
      fail(
          ErrorCode::k_unsupported,
          fmt::format("a {} tensor where floating-point values are needed", name_of(tensor.dtype)));
  }
}

}  // namespace

Tensor make_view(std::string_view name, DType dtype, Dims dims, std::span<const std::byte> bytes,
                 std::shared_ptr<const void> owner) {
  const auto count = element_count(dims);
  std::int64_t size = 0;
  if (!count || __builtin_mul_overflow(*count, static_cast<std::int64_t>(size_of(dtype)), &size) ||
      static_cast<std::uint64_t>(size) != bytes.size()) {
    fail(ErrorCode::k_malformed,
         fmt::format("tensor {} of type {} and shape {} cannot lie in {} bytes", name,
                     name_of(dtype), to_string(dims), bytes.size()));
  }
  return {dtype, std::move(dims), bytes, std::move(owner)};
}

std::vector<float> to_float32(const Tensor& tensor) {
  return to_floating<float>(tensor);
}

std::vector<double> to_float64(const Tensor& tensor) {
  return to_floating<double>(tensor);
}

std::vector<std::int64_t> to_int64(const Tensor& tensor) {
  switch (tensor.dtype) {
    case DType::k_int8:
      return convert_all<std::int8_t, std::int64_t>(tensor, k_same);
    case DType::k_uint8:
    case DType::k_bool:
      return convert_all<std::uint8_t, std::int64_t>(tensor, k_same);
    case DType::k_int16:
      return convert_all<std::int16_t, std::int64_t>(tensor, k_same);
    case DType::k_uint16:
      return convert_all<std::uint16_t, std::int64_t>(tensor, k_same);
    case DType::k_int32:
      return convert_all<std::int32_t, std::int64_t>(tensor, k_same);
    case DType::k_uint32:
      return convert_all<std::uint32_t, std::int64_t>(tensor, k_same);
    case DType::k_int64:
      return convert_all<std::int64_t, std::int64_t>(tensor, k_same);
    case DType::k_uint64:
      return convert_all<std::uint64_t, std::int64_t>(tensor, k_same);
    default:
      fail(ErrorCode::k_unsupported,
           fmt::format("a {} tensor where integers are needed", name_of(tensor.dtype)));
  }
}

}  // namespace hasten
