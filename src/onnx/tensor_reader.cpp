#include "onnx/tensor_reader.h"

#include <bit>
#include <limits>

#include "base/error.h"
#include "base/onnx_dtype.h"

namespace hasten::onnx {
namespace {

static_assert(std::endian::native == std::endian::little);

// The fields of a TensorProto as they come.
struct TensorFields {
  std::string name;
  Dims dims;
  std::int64_t data_type = 0;
  std::optional<std::span<const std::byte>> raw;
  std::vector<std::int64_t> integers;              // int32_data, int64_data or uint64_data
  std::vector<std::span<const std::byte>> packed;  // float_data or double_data
  bool has_text = false;
  bool is_external = false;
  ExternalEntry external;
};

void read_external_entry(Message message, ExternalEntry& entry) {
  std::string key;
  std::string value;
  while (message.next()) {
    switch (message.field()) {
      case bytes_field(1):
        key = message.text();
        break;
      case bytes_field(2):
        value = message.text();
        break;
      default:
        message.skip();
    }
  }
  if (key == "location") entry.location = value;
  if (key == "offset") entry.offset = value;
  if (key == "length") entry.length = value;
}

// The bytes of one fixed-size element.
std::span<const std::byte> take_fixed(Message& message, std::size_t size) {
  const char* const place = message.position();
  message.skip();
  return {reinterpret_cast<const std::byte*>(place), size};
}

void read_field(Message& message, TensorFields& fields) {
  switch (message.field()) {
    case varint_field(1):
    case bytes_field(1):
      return message.append_integers(fields.dims);
    case varint_field(2):
      fields.data_type = message.integer();
      return;
    case fixed32_field(4):
      fields.packed.push_back(take_fixed(message, 4));
      return;
    case fixed64_field(10):
      fields.packed.push_back(take_fixed(message, 8));
      return;
    case bytes_field(4):
    case bytes_field(10):
      fields.packed.push_back(message.bytes());
      return;
    case varint_field(5):
    case bytes_field(5):
    case varint_field(7):
    case bytes_field(7):
    case varint_field(11):
    case bytes_field(11):
      return message.append_integers(fields.integers);
    case bytes_field(6):
      fields.has_text = true;
      return message.skip();
    case bytes_field(8):
      fields.name = message.text();
      return;
    case bytes_field(9):
      fields.raw = message.bytes();
      return;
    case bytes_field(13):
      return read_external_entry(message.message(), fields.external);
    case varint_field(14):
      fields.is_external = message.integer() == 1;
      return;
    default:
      return message.skip();
  }
}

DType checked_dtype(const TensorFields& fields) {
  const auto dtype = dtype_of_onnx(fields.data_type);
  if (!dtype || fields.has_text) {
    fail(ErrorCode::k_unsupported,
         "element type " + std::to_string(fields.data_type) + " of ONNX is not supported",
         "tensor " + fields.name,
         "a tensor of text, complex numbers, or numbers of fewer than 8 bits");
  }
  return *dtype;
}

std::uint64_t needed_bytes(const TensorFields& fields, DType dtype) {
  const auto count = element_count(fields.dims);
  std::int64_t size = 0;
  if (!count || __builtin_mul_overflow(*count, static_cast<std::int64_t>(size_of(dtype)), &size)) {
    fail(ErrorCode::k_malformed, "shape " + to_string(fields.dims) + " is impossible",
         "tensor " + fields.name);
  }
  return static_cast<std::uint64_t>(size);
}

// Each integer narrowed to the element type; 16-bit floats are stored as their bits.
std::vector<std::byte> narrowed(const std::vector<std::int64_t>& integers, std::size_t size) {
  std::vector<std::byte> bytes;
  bytes.reserve(integers.size() * size);
  for (const std::int64_t value : integers) {
    const auto* first = reinterpret_cast<const std::byte*>(&value);
    bytes.insert(bytes.end(), first, first + size);
  }
  return bytes;
}

std::vector<std::byte> joined(const std::vector<std::span<const std::byte>>& parts) {
  std::vector<std::byte> bytes;
  for (const auto& part : parts) bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}

Tensor make_owned(const TensorFields& fields, DType dtype, std::vector<std::byte> bytes) {
  auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  const std::span<const std::byte> view(*owner);
  return make_view(fields.name, dtype, fields.dims, view, std::move(owner));
}

}  // namespace

NamedTensor read_tensor(Message message, ExternalData* external) {
  TensorFields fields;
  while (message.next()) read_field(message, fields);
  const DType dtype = checked_dtype(fields);
  const std::uint64_t needed = needed_bytes(fields, dtype);
  if (fields.is_external) {
    if (external == nullptr) {
      fail(ErrorCode::k_unsupported, "external data is only read beside a model file",
           "tensor " + fields.name);
    }
    auto slice = external->read(fields.external, needed, fields.name);
    return {fields.name,
            make_view(fields.name, dtype, fields.dims, slice.bytes, std::move(slice.owner))};
  }
  const auto& owner = message.context().owner;
  if (fields.raw)
    return {fields.name, make_view(fields.name, dtype, fields.dims, *fields.raw, owner)};
  if (fields.packed.size() == 1) {
    return {fields.name, make_view(fields.name, dtype, fields.dims, fields.packed[0], owner)};
  }
  if (!fields.packed.empty())
    return {fields.name, make_owned(fields, dtype, joined(fields.packed))};
  return {fields.name, make_owned(fields, dtype, narrowed(fields.integers, size_of(dtype)))};
}

}  // namespace hasten::onnx
