// Plain text: every line is one text.
#pragma once

#include <memory>

#include "data/text_input.h"
#include "data/text_reader.h"

namespace hasten::data {

std::unique_ptr<RowReader> open_lines_reader(TextInput input, const ReaderOptions& options);

}  // namespace hasten::data
