// Which character stands between the fields of a CSV table.
#pragma once

#include "data/text_input.h"

namespace hasten::data {

// The comma, unless the header has none outside quotes and has semicolons, as spreadsheets write
// where the comma is the decimal sign, or tabs: then the one that it has more of. Without `quoting`
// nothing is inside quotes. Reads as far as the header's end and consumes nothing; a header beyond a
// megabyte is judged by its start.
char guess_delimiter(TextInput& input, bool quoting);

}  // namespace hasten::data
