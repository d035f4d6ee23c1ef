#include "data/delimiter_guess.h"

#include <cstddef>
#include <string_view>

namespace hasten::data {
namespace {

constexpr std::size_t k_most_bytes = std::size_t{1} << 20;

struct Counts {
  std::size_t commas = 0;
  std::size_t semicolons = 0;
  std::size_t tabs = 0;
  bool is_whole = false;  // the end of the header was seen
};

Counts count_in_header(std::string_view bytes, bool quoting) {
  Counts counts;
  bool in_quotes = false, any = false;
  for (const char c : bytes) {
    if (quoting && c == '"') in_quotes = !in_quotes;
    const bool ends_line = !in_quotes && (c == '\n' || c == '\r');
    if (ends_line && any) {
      counts.is_whole = true;
      break;
    }
    any = any || !ends_line;
    if (in_quotes) continue;
    counts.commas += c == ',';
    counts.semicolons += c == ';';
    counts.tabs += c == '\t';
  }
  return counts;
}

}  // namespace

char guess_delimiter(TextInput& input, bool quoting) {
  Counts counts = count_in_header(input.pending(), quoting);
  while (!counts.is_whole && !input.at_end() && input.pending().size() < k_most_bytes) {
    input.fill();
    counts = count_in_header(input.pending(), quoting);
  }
  if (counts.commas > 0 || counts.semicolons + counts.tabs == 0) return ',';
  return counts.tabs > counts.semicolons ? '\t' : ';';
}

}  // namespace hasten::data
