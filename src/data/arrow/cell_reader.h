// Cells of Arrow arrays of the types that texts and ids come in.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "data/text_row.h"

namespace hasten::data {

// string, binary, their large and view forms, dictionaries of these, and the type of a column that
// holds nothing but nulls, which says nothing of what they would be.
bool is_text_type(const arrow::DataType& type);
// Signed and unsigned integers.
bool is_integer_type(const arrow::DataType& type);

// Whether copied_cell() and append_cell() know the type: texts, numbers, bool, dates, timestamps.
bool is_copied_type(const arrow::DataType& type);
// A cell of an array of such a type: integers, dates and timestamps as integers, bool as 0 or 1.
Cell copied_cell(const arrow::Array& array, std::int64_t index);
// The type with that ToString(), of those that are copied; a dictionary's or view's is its text's.
std::shared_ptr<arrow::DataType> copied_type(const std::string& name);
// Appends such a cell to a builder of the type that it came from.
arrow::Status append_cell(arrow::ArrayBuilder& builder, const Cell& cell);

// The text in a cell of an array of a text type; none where it is null. Lives as long as the array.
std::optional<std::string_view> text_at(const arrow::Array& array, std::int64_t index);

// The id in a cell of an array of a text or integer type. An unsigned integer that no int64 holds
// becomes text.
RowId id_at(const arrow::Array& array, std::int64_t index);

}  // namespace hasten::data
