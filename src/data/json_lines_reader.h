// JSON lines: an object or a string on every line.
#pragma once

#include <memory>

#include "data/text_input.h"
#include "data/text_reader.h"

namespace hasten::data {

// Exactly one row for each line, blank and broken ones included (k_malformed). The key of the texts
// is the option's, or of the usual names the first that an object has; the key of second texts is
// "text_pair" unless the option says otherwise. An id may be an integer or a string.
std::unique_ptr<RowReader> open_json_lines_reader(TextInput input, const ReaderOptions& options);

}  // namespace hasten::data
