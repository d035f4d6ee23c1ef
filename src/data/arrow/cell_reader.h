// Cells of Arrow arrays of the types that texts and ids come in.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "data/text_row.h"

namespace hasten::data {

// string, binary, their large and view forms, and dictionaries of these.
bool is_text_type(const arrow::DataType& type);
// Signed and unsigned integers.
bool is_integer_type(const arrow::DataType& type);

// The text in a cell of an array of a text type; none where it is null. Lives as long as the array.
std::optional<std::string_view> text_at(const arrow::Array& array, std::int64_t index);

// The id in a cell of an array of a text or integer type. An unsigned integer that no int64 holds
// becomes text.
RowId id_at(const arrow::Array& array, std::int64_t index);

}  // namespace hasten::data
