#include "data/arrow/cell_reader.h"

#include <arrow/array.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>

#include <limits>
#include <string>
#include <utility>

#include "data/utf8.h"

namespace hasten::data {
namespace {

template <typename Array>
std::string_view view_at(const arrow::Array& array, std::int64_t index) {
  return static_cast<const Array&>(array).GetView(index);
}

template <typename Array>
RowId integer_at(const arrow::Array& array, std::int64_t index) {
  const auto value = static_cast<const Array&>(array).Value(index);
  if (std::in_range<std::int64_t>(value)) return static_cast<std::int64_t>(value);
  return std::to_string(value);
}

}  // namespace

bool is_text_type(const arrow::DataType& type) {
  if (type.id() == arrow::Type::DICTIONARY) {
    return arrow::is_base_binary_like(
        static_cast<const arrow::DictionaryType&>(type).value_type()->id());
  }
  return arrow::is_base_binary_like(type.id()) || arrow::is_binary_view_like(type.id()) ||
         type.id() == arrow::Type::NA;
}

bool is_integer_type(const arrow::DataType& type) {
  return arrow::is_integer(type.id());
}

std::optional<std::string_view> text_at(const arrow::Array& array, std::int64_t index) {
  if (array.IsNull(index)) return std::nullopt;
  switch (array.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return view_at<arrow::BinaryArray>(array, index);
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return view_at<arrow::LargeBinaryArray>(array, index);
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      return view_at<arrow::BinaryViewArray>(array, index);
    case arrow::Type::DICTIONARY: {
      const auto& coded = static_cast<const arrow::DictionaryArray&>(array);
      return text_at(*coded.dictionary(), coded.GetValueIndex(index));
    }
    default:
      return std::nullopt;
  }
}

RowId id_at(const arrow::Array& array, std::int64_t index) {
  if (array.IsNull(index)) return {};
  switch (array.type_id()) {
    case arrow::Type::INT8:
      return integer_at<arrow::Int8Array>(array, index);
    case arrow::Type::INT16:
      return integer_at<arrow::Int16Array>(array, index);
    case arrow::Type::INT32:
      return integer_at<arrow::Int32Array>(array, index);
    case arrow::Type::INT64:
      return integer_at<arrow::Int64Array>(array, index);
    case arrow::Type::UINT8:
      return integer_at<arrow::UInt8Array>(array, index);
    case arrow::Type::UINT16:
      return integer_at<arrow::UInt16Array>(array, index);
    case arrow::Type::UINT32:
      return integer_at<arrow::UInt32Array>(array, index);
    case arrow::Type::UINT64:
      return integer_at<arrow::UInt64Array>(array, index);
    default:
      break;
  }
  const auto text = text_at(array, index);
  if (!text) return {};
  std::string id(*text);
  repair_utf8(id);
  return id;
}

}  // namespace hasten::data
