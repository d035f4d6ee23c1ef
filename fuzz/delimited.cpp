// A table with a header: CSV, or TSV when it starts with a tab; both with quoting and without.
#include "read_rows.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = hasten::fuzz::as_text(data, size);
  const bool tabs = text.starts_with('\t');
  const auto format = tabs ? hasten::data::Format::k_tsv : hasten::data::Format::k_csv;
  for (const bool quoting : {true, false})
    hasten::fuzz::check_rows(text.substr(tabs ? 1 : 0), format, quoting);
  return 0;
}
