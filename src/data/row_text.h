// Putting raw bytes into a row, and saying what is wrong with them.
#pragma once

#include <string>
#include <string_view>

#include "data/text_input.h"
#include "data/text_row.h"

namespace hasten::data {

// Sets the row's text from bytes that may be ill-formed, and k_invalid_utf8 or k_empty with a
// problem where they apply. A status that the row has already stays.
void set_text(TextRow& row, std::string text, const Place& place);
// The same for the second text; a blank one is no problem.
void set_text_pair(TextRow& row, std::string text, const Place& place);

// Makes the row one without a text.
void set_null(TextRow& row, const std::string& problem, const Place& place);
void set_malformed(TextRow& row, const std::string& problem, const Place& place);

}  // namespace hasten::data
