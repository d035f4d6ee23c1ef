// Rows of which a column has a certain value.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/text_reader.h"

namespace hasten::data {

struct RowFilter {
  std::string column;
  std::string value;  // as text_of() writes it
  bool equal = true;  // or different
};

// "COLUMN=VALUE" or "COLUMN!=VALUE"; throws k_usage.
RowFilter parse_filter(const std::string& text);

// Hands on the rows of `reader` that pass all filters; a null is different from every value. Rows
// that are malformed pass, since nobody knows what they are. The reader copies the filters'
// columns, in their order, after those that are handed on.
std::unique_ptr<RowReader> filter_rows(std::unique_ptr<RowReader> reader,
                                       std::vector<RowFilter> filters);

}  // namespace hasten::data
