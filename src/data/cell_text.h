// Cells of copied columns as text.
#pragma once

#include <string>

#include "data/text_row.h"

namespace hasten::data {

inline constexpr const char* k_bool_type = "bool";

// "true" and "false" of the type bool, numbers with the shortest digits that read back, texts as
// they are; nothing for a null.
std::string text_of(const Cell& cell, const std::string& type);

// The same where null, an integer and a text are told apart.
RowId as_id(const Cell& cell, const std::string& type);

}  // namespace hasten::data
