#include "data/line_splitter.h"

namespace hasten::data {

std::optional<Line> LineSplitter::take(TextInput& input) {
  const std::string_view pending = input.pending();
  const std::size_t newline = pending.find('\n', scanned_);
  const bool found = newline != std::string_view::npos;
  const std::size_t length = found ? newline : pending.size();
  if (length > max_line_bytes_ && !dropping_) {
    dropping_ = true;
    dropped_place_ = input.place(line_ + 1);
  }
  if (!found && !(input.at_end() && (length > 0 || dropping_))) {
    scanned_ = length;
    if (dropping_) {
      input.consume(length);
      scanned_ = 0;
    }
    return std::nullopt;
  }
  Line line;
  ++line_;
  scanned_ = 0;
  if (dropping_) {
    line.place = dropped_place_;
    line.too_long = true;
  } else {
    line.text = pending.substr(0, length);
    line.place = input.place(line_);
    if (found && line.text.ends_with('\r')) line.text.remove_suffix(1);
  }
  dropping_ = false;
  input.consume(length + (found ? 1 : 0));
  return line;
}

}  // namespace hasten::data
