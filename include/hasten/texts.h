// Rows of text: the input of classify.h, tokenize.h and label.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace hasten {

enum class RowStatus : std::uint8_t {
  k_ok,
  k_null,          // no text: a null cell, a JSON null
  k_empty,         // an empty or blank text; it is scored all the same
  k_invalid_utf8,  // malformed bytes, each bad subpart replaced by U+FFFD; scored all the same
  k_malformed,     // not a row: broken JSON, a record with the wrong number of fields
};

const char* name_of(RowStatus status);  // "ok", "null", "empty", "invalid_utf8", "malformed"

// Whether a row of this status has a text to score.
bool has_text(RowStatus status);

using RowId = std::variant<std::monostate, std::int64_t, std::string>;

// A value of another column of the input.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

// One row of an input: its text, or what is wrong with it.
struct TextRow {
  std::uint64_t number = 0;  // 1 for the first row of the input (a header is not a row)
  std::string text;          // valid UTF-8
  std::optional<std::string> text_pair;
  RowId id;  // when an id column was asked for
  RowStatus status = RowStatus::k_ok;
  std::string problem;       // for people, when status is not k_ok: what and where (line, byte)
  std::vector<Cell> copied;  // of the columns that were asked for beside these
};

// Rows in input order. Streams: memory does not grow with the input. Used by one thread.
class TextReader {
 public:
  virtual ~TextReader() = default;
  // Appends up to `at_most` rows; false at the end of the input. May return fewer rows when the
  // rest has not arrived yet (a pipe): at least one, unless it is the end. Bad rows are rows with a
  // status. Throws k_bad_data only for an input that cannot be read on (an I/O error, no such
  // column, a quote of a table that is never closed).
  virtual bool read(std::vector<TextRow>& rows, std::size_t at_most) = 0;
  // Which column the texts come from, for saying so; empty where there are no columns.
  virtual std::string text_column() const { return {}; }
};

struct TextOptions {
  std::string format;       // txt, jsonl, csv, tsv; empty: by file extension (standard input: txt)
  std::string text_column;  // empty: guessed from usual names (text, tweet, sentence, content, ...)
  std::string pair_column;  // empty: text_pair where there is one
  std::string id_column;    // empty: none is read
  bool quoting =
      true;  // csv, tsv: a field that begins with a quote is quoted; false: quotes are text
};

// Texts as rows, numbered from 1: malformed UTF-8 is replaced and blank texts are marked, as in a
// file.
std::vector<TextRow> rows_of(std::span<const std::string> texts);

// Opens a file, or standard input for "-". BOMs, CRLF and UTF-16 with a BOM are understood; the
// encoding otherwise is UTF-8. Throws k_not_found, k_usage (unknown format), k_bad_data (no such
// column).
std::unique_ptr<TextReader> open_texts(const std::filesystem::path& path,
                                       const TextOptions& options = {});

}  // namespace hasten
