// JSON lines, UTF-16 and compressed ones included.
#include "read_rows.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return hasten::fuzz::check_rows(hasten::fuzz::as_text(data, size),
                                  hasten::data::Format::k_json_lines);
}
