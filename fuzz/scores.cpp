// A table of scores: the first byte is the format (0: CSV, 1: TSV, 2: JSON lines), the rest the
// file.
#include <sys/mman.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/error.h"
#include "data/score_table.h"
#include "fidelity/table_scores.h"
#include "fuzz_target.h"

namespace hasten::fuzz {
namespace {

// The bytes as a file, since tables are read from files alone.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_(memfd_create("scores", 0)) {
    if (write(descriptor_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
      std::abort();
  }
  ~MemoryFile() { close(descriptor_); }
  std::string path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

 private:
  int descriptor_;
};

// A table that was read is as long in each of its parts, and its scores are those of so many rows.
void check_scores(std::string_view bytes, data::Format format) {
  const MemoryFile file(bytes);
  data::ReaderOptions options;
  options.usual_id_column = true;
  const data::ScoreTable table = data::read_score_table(file.path(), format, options);
  for (const data::NumberColumn& column : table.columns) {
    if (column.values.size() != table.rows) std::abort();
  }
  if (!table.ids.empty() && table.ids.size() != table.rows) std::abort();
  if (!table.texts.empty() && table.texts.size() != table.rows) std::abort();
  std::vector<std::string> notes;
  const auto scores =
      fidelity::scores_of_table(table, {"a", "b"}, Function::k_softmax, "fuzz", notes);
  if (scores.rows != table.rows) std::abort();
}

}  // namespace
}  // namespace hasten::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using hasten::data::Format;
  constexpr Format k_formats[] = {Format::k_csv, Format::k_tsv, Format::k_json_lines};
  const std::string_view text = hasten::fuzz::as_text(data, size);
  if (text.empty()) return 0;
  const Format format = k_formats[static_cast<unsigned char>(text[0]) % 16 % 3];
  return hasten::fuzz::check([&] {
    try {
      hasten::fuzz::check_scores(text.substr(1), format);
    } catch (const hasten::Error& error) {
      if (error.code() != hasten::ErrorCode::k_bad_data) throw;
    }
  });
}
