#include <hasten/texts.h>

#include "data/text_reader.h"

namespace hasten {

std::unique_ptr<TextReader> open_texts(const std::filesystem::path& path,
                                       const TextOptions& options) {
  data::Format format = data::Format::k_lines;
  if (!options.format.empty()) {
    format = data::parse_format(options.format);
  } else if (path != "-") {
    format = data::format_of(path);
  }
  return data::open_reader(path, format,
                           {options.text_column, options.pair_column, options.id_column});
}

}  // namespace hasten
