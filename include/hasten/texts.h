// Reading texts: the input of classify.h, tokenize.h and label.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hasten {

// One row of an input. `error` is empty for a good row; a row with an error may still have a text
// (blank, or with malformed bytes replaced) and is then scored all the same.
struct TextRow {
  std::string text;
  std::optional<std::string> text_pair;
  bool has_text = true;
  std::string error;
};

struct TextOptions {
  std::string format;       // txt, jsonl, csv, tsv; empty: by file extension (standard input: txt)
  std::string text_column;  // of csv and tsv; empty: guessed from usual names
  std::string pair_column;  // empty: text_pair where there is one
};

// A stream of rows in input order; used by one thread.
class TextSource {
 public:
  // A file, or "-" for standard input. Throws k_not_found, k_usage (unknown format), k_bad_data.
  static std::unique_ptr<TextSource> open(const std::filesystem::path& path,
                                          const TextOptions& options);
  static std::unique_ptr<TextSource> from(std::vector<TextRow> rows);

  virtual ~TextSource() = default;
  // Appends up to `at_most` rows, fewer when more have not arrived yet; false at the end.
  virtual bool read(std::vector<TextRow>& rows, std::size_t at_most) = 0;
  // The column that the texts come from; empty where there are no columns.
  virtual std::string text_column() const = 0;
};

}  // namespace hasten
