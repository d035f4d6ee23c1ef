#include "data/stream_reader.h"

namespace hasten::data {

bool StreamReader::read(std::vector<TextRow>& rows, std::size_t at_most) {
  std::size_t taken = 0;
  while (taken < at_most) {
    TextRow row;
    if (take_row(row)) {
      row.number = ++row_count_;
      rows.push_back(std::move(row));
      ++taken;
    } else if (input_.at_end() || (taken > 0 && !input_.ready())) {
      break;
    } else {
      input_.fill();
    }
  }
  return taken > 0 || at_most == 0;
}

}  // namespace hasten::data
