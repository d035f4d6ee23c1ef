#include <arrow/array.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/array/builder_time.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>

#include <array>
#include <map>

#include "data/arrow/cell_reader.h"
#include "data/utf8.h"

namespace hasten::data {
namespace {

std::map<std::string, std::shared_ptr<arrow::DataType>> make_types() {
  std::map<std::string, std::shared_ptr<arrow::DataType>> types;
  for (const auto& type :
       {arrow::boolean(), arrow::int8(), arrow::int16(), arrow::int32(), arrow::int64(),
        arrow::uint8(), arrow::uint16(), arrow::uint32(), arrow::uint64(), arrow::float32(),
        arrow::float64(), arrow::utf8(), arrow::large_utf8(), arrow::binary(),
        arrow::large_binary(), arrow::date32(), arrow::date64()}) {
    types[type->ToString()] = type;
  }
  return types;
}

// "timestamp[us]" and "timestamp[us, tz=UTC]"
std::shared_ptr<arrow::DataType> timestamp_type(const std::string& name) {
  for (const auto unit : {arrow::TimeUnit::SECOND, arrow::TimeUnit::MILLI, arrow::TimeUnit::MICRO,
                          arrow::TimeUnit::NANO}) {
    auto plain = arrow::timestamp(unit);
    if (plain->ToString() == name) return plain;
    const std::string start = plain->ToString().substr(0, plain->ToString().size() - 1) + ", tz=";
    if (name.starts_with(start) && name.ends_with(']')) {
      return arrow::timestamp(unit, name.substr(start.size(), name.size() - start.size() - 1));
    }
  }
  return nullptr;
}

template <typename Builder>
arrow::Status append_integer(arrow::ArrayBuilder& builder, const Cell& cell) {
  const auto* value = std::get_if<std::int64_t>(&cell);
  auto& typed = static_cast<Builder&>(builder);
  if (value == nullptr) return typed.AppendNull();
  return typed.Append(static_cast<typename Builder::value_type>(*value));
}

template <typename Builder>
arrow::Status append_real(arrow::ArrayBuilder& builder, const Cell& cell) {
  const auto* value = std::get_if<double>(&cell);
  auto& typed = static_cast<Builder&>(builder);
  if (value == nullptr) return typed.AppendNull();
  return typed.Append(static_cast<typename Builder::value_type>(*value));
}

template <typename Builder>
arrow::Status append_text(arrow::ArrayBuilder& builder, const Cell& cell) {
  auto& typed = static_cast<Builder&>(builder);
  if (const auto* text = std::get_if<std::string>(&cell)) return typed.Append(*text);
  if (const auto* number = std::get_if<std::int64_t>(&cell)) {
    return typed.Append(std::to_string(*number));
  }
  return typed.AppendNull();
}

// One that no int64 holds comes as text.
arrow::Status append_unsigned(arrow::ArrayBuilder& builder, const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) {
    return static_cast<arrow::UInt64Builder&>(builder).Append(std::stoull(*text));
  }
  return append_integer<arrow::UInt64Builder>(builder, cell);
}

Cell cell_of(const RowId& id) {
  return std::visit([](const auto& value) { return Cell(value); }, id);
}

}  // namespace

bool is_copied_type(const arrow::DataType& type) {
  return is_text_type(type) || copied_type(type.ToString()) != nullptr;
}

std::shared_ptr<arrow::DataType> copied_type(const std::string& name) {
  static const auto k_types = make_types();
  if (const auto found = k_types.find(name); found != k_types.end()) return found->second;
  if (auto timestamp = timestamp_type(name)) return timestamp;
  return nullptr;
}

Cell copied_cell(const arrow::Array& array, std::int64_t index) {
  if (array.IsNull(index)) return {};
  switch (array.type_id()) {
    case arrow::Type::BOOL:
      return std::int64_t{static_cast<const arrow::BooleanArray&>(array).Value(index)};
    case arrow::Type::FLOAT:
      return double{static_cast<const arrow::FloatArray&>(array).Value(index)};
    case arrow::Type::DOUBLE:
      return static_cast<const arrow::DoubleArray&>(array).Value(index);
    case arrow::Type::DATE32:
      return std::int64_t{static_cast<const arrow::Date32Array&>(array).Value(index)};
    case arrow::Type::DATE64:
      return std::int64_t{static_cast<const arrow::Date64Array&>(array).Value(index)};
    case arrow::Type::TIMESTAMP:
      return std::int64_t{static_cast<const arrow::TimestampArray&>(array).Value(index)};
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
      return std::string(*text_at(array, index));
    default:
      return cell_of(id_at(array, index));
  }
}

arrow::Status append_cell(arrow::ArrayBuilder& builder, const Cell& cell) {
  switch (builder.type()->id()) {
    case arrow::Type::BOOL: {
      const auto* value = std::get_if<std::int64_t>(&cell);
      auto& typed = static_cast<arrow::BooleanBuilder&>(builder);
      return value == nullptr ? typed.AppendNull() : typed.Append(*value != 0);
    }
    case arrow::Type::INT8:
      return append_integer<arrow::Int8Builder>(builder, cell);
    case arrow::Type::INT16:
      return append_integer<arrow::Int16Builder>(builder, cell);
    case arrow::Type::INT32:
      return append_integer<arrow::Int32Builder>(builder, cell);
    case arrow::Type::INT64:
      return append_integer<arrow::Int64Builder>(builder, cell);
    case arrow::Type::UINT8:
      return append_integer<arrow::UInt8Builder>(builder, cell);
    case arrow::Type::UINT16:
      return append_integer<arrow::UInt16Builder>(builder, cell);
    case arrow::Type::UINT32:
      return append_integer<arrow::UInt32Builder>(builder, cell);
    case arrow::Type::UINT64:
      return append_unsigned(builder, cell);
    case arrow::Type::DATE32:
      return append_integer<arrow::Date32Builder>(builder, cell);
    case arrow::Type::DATE64:
      return append_integer<arrow::Date64Builder>(builder, cell);
    case arrow::Type::TIMESTAMP:
      return append_integer<arrow::TimestampBuilder>(builder, cell);
    case arrow::Type::FLOAT:
      return append_real<arrow::FloatBuilder>(builder, cell);
    case arrow::Type::DOUBLE:
      return append_real<arrow::DoubleBuilder>(builder, cell);
    case arrow::Type::BINARY:
      return append_text<arrow::BinaryBuilder>(builder, cell);
    case arrow::Type::LARGE_BINARY:
      return append_text<arrow::LargeBinaryBuilder>(builder, cell);
    case arrow::Type::LARGE_STRING:
      return append_text<arrow::LargeStringBuilder>(builder, cell);
    default:
      return append_text<arrow::StringBuilder>(builder, cell);
  }
}

}  // namespace hasten::data
