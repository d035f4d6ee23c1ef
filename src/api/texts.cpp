#include <hasten/texts.h>

#include "data/text_reader.h"
#include "data/utf8.h"

namespace hasten {

std::vector<TextRow> rows_of(std::span<const std::string> texts) {
  std::vector<TextRow> rows(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    rows[i].number = i + 1;
    rows[i].text = texts[i];
    if (data::repair_utf8(rows[i].text) > 0) {
      rows[i].status = RowStatus::k_invalid_utf8;
      rows[i].problem = "the text is not valid UTF-8";
    } else if (data::is_blank(rows[i].text)) {
      rows[i].status = RowStatus::k_empty;
      rows[i].problem = "the text is blank";
    }
  }
  return rows;
}

std::unique_ptr<TextReader> open_texts(const std::filesystem::path& path,
                                       const TextOptions& options) {
  data::Format format = data::Format::k_lines;
  if (!options.format.empty()) {
    format = data::parse_format(options.format);
  } else if (path != "-") {
    format = data::format_of(path);
  }
  return data::open_reader(
      path, format, {options.text_column, options.pair_column, options.id_column, options.quoting});
}

}  // namespace hasten
