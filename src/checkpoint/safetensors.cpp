#include "checkpoint/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "base/byte_reader.h"
#include "checkpoint/quote_name.h"
#include "checkpoint/safetensors_header.h"

namespace hasten::checkpoint {
namespace {

constexpr std::uint64_t k_longest_header = 100'000'000;

struct NamedType {
  std::string_view name;
  DType dtype;
};

constexpr std::array<NamedType, 13> k_types = {{{"F64", DType::k_float64},
                                                {"F32", DType::k_float32},
                                                {"F16", DType::k_float16},
                                                {"BF16", DType::k_bfloat16},
                                                {"I64", DType::k_int64},
                                                {"I32", DType::k_int32},
                                                {"I16", DType::k_int16},
                                                {"I8", DType::k_int8},
                                                {"U64", DType::k_uint64},
                                                {"U32", DType::k_uint32},
                                                {"U16", DType::k_uint16},
                                                {"U8", DType::k_uint8},
                                                {"BOOL", DType::k_bool}}};

DType parse_dtype(const SafetensorsEntry& entry, const std::string& where) {
  for (const NamedType& type : k_types) {
    if (type.name == entry.dtype) return type.dtype;
  }
  fail(ErrorCode::k_unsupported,
       fmt::format("tensor {} is of type {}", quote_name(entry.name), quote_name(entry.dtype)),
       where, "quantised or exotic weights",
       "Save the checkpoint in float32, float16 or bfloat16.");
}

std::string_view take_header(ByteReader& reader, const std::string& where) {
  const auto length = reader.take_integer<std::uint64_t>();
  if (length > k_longest_header || length > reader.remaining()) {
    fail(ErrorCode::k_malformed,
         fmt::format("a header of {} bytes is announced and {} bytes remain", length,
                     reader.remaining()),
         where, "the file is cut short or no safetensors file",
         "Save or download the checkpoint again.");
  }
  return reader.take_text(length);
}

void check_size(const SafetensorsEntry& entry, DType dtype, const std::string& where) {
  const auto count = element_count(entry.shape);
  std::int64_t size = 0;
  if (!count || __builtin_mul_overflow(*count, static_cast<std::int64_t>(size_of(dtype)), &size) ||
      static_cast<std::uint64_t>(size) != entry.end - entry.begin) {
    fail(ErrorCode::k_malformed,
         fmt::format("tensor {} of type {} and shape {} cannot lie in {} bytes",
                     quote_name(entry.name), name_of(dtype), to_string(entry.shape),
                     entry.end - entry.begin),
         where, "the header is damaged", "Save or download the checkpoint again.");
  }
}

// The tensors' bytes must tile the rest of the file.
void check_tiling(std::vector<SafetensorsEntry>& entries, std::uint64_t data_size,
                  const std::string& where) {
  std::sort(entries.begin(), entries.end(), [](const auto& left, const auto& right) {
    return std::tie(left.begin, left.end) < std::tie(right.begin, right.end);
  });
  std::uint64_t expected = 0;
  for (const SafetensorsEntry& entry : entries) {
    if (entry.begin != expected || entry.end < entry.begin) {
      fail(ErrorCode::k_malformed,
           fmt::format("tensor {} lies at bytes {} to {} where byte {} is next",
                       quote_name(entry.name), entry.begin, entry.end, expected),
           where, "tensors overlap, or there is a hole between them",
           "Save the checkpoint again with the safetensors library.");
    }
    expected = entry.end;
  }
  if (expected != data_size) {
    fail(ErrorCode::k_malformed,
         fmt::format("the tensors take {} bytes and {} follow the header", expected, data_size),
         where, "the file is cut short or something was appended",
         "Save or download the checkpoint again.");
  }
}

}  // namespace

std::map<std::string, Tensor> read_safetensors(const FileBytes& file) {
  const std::string& where = file.where;
  ByteReader reader(file.bytes, where);
  auto entries = parse_safetensors_header(take_header(reader, where), where);
  const auto data = reader.take(reader.remaining());
  check_tiling(entries, data.size(), where);
  std::map<std::string, Tensor> tensors;
  for (SafetensorsEntry& entry : entries) {
    if (!is_tensor_name(entry.name)) {
      fail(ErrorCode::k_malformed, fmt::format("{} is no tensor's name", quote_name(entry.name)),
           where);
    }
    const DType dtype = parse_dtype(entry, where);
    check_size(entry, dtype, where);
    Tensor tensor{dtype, std::move(entry.shape), data.subspan(entry.begin, entry.end - entry.begin),
                  file.owner};
    if (!tensors.emplace(entry.name, std::move(tensor)).second) {
      fail(ErrorCode::k_malformed, fmt::format("tensor {} is there twice", quote_name(entry.name)),
           where, {}, "Save the checkpoint again with the safetensors library.");
    }
  }
  return tensors;
}

}  // namespace hasten::checkpoint
