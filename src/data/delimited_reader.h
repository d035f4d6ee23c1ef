// CSV and TSV tables with a header.
#pragma once

#include <memory>
#include <string>

#include "data/text_input.h"
#include "data/text_reader.h"

namespace hasten::data {

// Reads the header at once. A record with another number of fields than the header is k_malformed;
// lines with nothing in them are skipped where there are several columns, as everybody does. Ids
// are texts. `name` is for messages. Throws k_bad_data (no header, no such column).
std::unique_ptr<RowReader> open_delimited_reader(TextInput input, const std::string& name,
                                                 char delimiter, const ReaderOptions& options);

}  // namespace hasten::data
