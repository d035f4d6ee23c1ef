#include "data/lines_reader.h"

#include <fmt/format.h>

#include "data/line_splitter.h"
#include "data/row_text.h"
#include "data/stream_reader.h"

namespace hasten::data {
namespace {

class LinesReader : public StreamReader {
 public:
  LinesReader(TextInput input, const ReaderOptions& options)
      : StreamReader(std::move(input)),
        splitter_(options.max_row_bytes),
        max_row_bytes_(options.max_row_bytes) {}

 protected:
  bool take_row(TextRow& row) override {
    const auto line = splitter_.take(input_);
    if (!line) return false;
    if (line->too_long) {
      set_malformed(row, fmt::format("the line is longer than {} bytes", max_row_bytes_),
                    line->place);
    } else {
      set_text(row, std::string(line->text), line->place);
    }
    return true;
  }

 private:
  LineSplitter splitter_;
  std::size_t max_row_bytes_;
};

}  // namespace

std::unique_ptr<RowReader> open_lines_reader(TextInput input, const ReaderOptions& options) {
  return std::make_unique<LinesReader>(std::move(input), options);
}

}  // namespace hasten::data
