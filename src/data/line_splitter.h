// Lines of a text input.
#pragma once

#include <optional>
#include <string_view>

#include "data/text_input.h"

namespace hasten::data {

struct Line {
  std::string_view text;  // without LF or CRLF; valid until the input's next fill()
  Place place;
  bool too_long = false;  // the text was dropped
};

// Only LF ends a line (a CR before it belongs to the end): U+2028, U+0085 and the like are text.
// There is no line after a last LF.
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

  // The next line, if all of it is pending or the input is at its end.
  std::optional<Line> take(TextInput& input);

 private:
  std::size_t max_line_bytes_;
  std::size_t scanned_ = 0;  // pending bytes known to hold no LF
  std::uint64_t line_ = 0;
  bool dropping_ = false;  // inside a line that is too long
  Place dropped_place_;
};

}  // namespace hasten::data
