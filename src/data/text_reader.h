// Reading rows of text, in order, from files and standard input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/byte_source.h"
#include "data/text_row.h"

namespace hasten::data {

enum class Format {
  k_lines,       // .txt: one text a line; only LF and CRLF end lines
  k_json_lines,  // .jsonl, .ndjson: {"text": ..., "text_pair": ...}, or a plain JSON string
  k_csv,         // .csv: RFC 4180, with a header
  k_tsv,         // .tsv: the same with tabs
  k_parquet,     // .parquet
};

// By file extension (a further .gz or .zst is looked through); throws k_usage naming the known
// ones.
Format format_of(const std::filesystem::path& path);
// "txt", "jsonl", "csv", "tsv" or "parquet".
const char* name_of(Format format);
// The format of such a name; throws k_usage.
Format parse_format(const std::string& name);

struct ReaderOptions {
  std::string text_column;  // empty: guessed from usual names (text, tweet, sentence, content, ...)
  std::string pair_column;  // empty: "text_pair" where there is one
  std::string id_column;    // empty: none is read, or the usual one
  bool quoting =
      true;  // k_csv, k_tsv: fields may be quoted; false: a quote is a character of the text
  bool usual_id_column =
      false;  // without an id_column: read tweet_id or id where there is one of ids' types
  std::vector<std::string> copied_columns = {};        // read into TextRow::copied, in this order
  std::size_t block_bytes = std::size_t{1} << 18;      // read at once
  std::size_t max_row_bytes = std::size_t{256} << 20;  // a longer row becomes k_malformed
};

using hasten::TextReader;

// A reader that knows its ids.
class RowReader : public TextReader {
 public:
  // Which column the ids come from; empty where none is read.
  virtual std::string id_column() const { return {}; }
  // Whether every id that is there is an int64.
  virtual bool has_integer_ids() const { return false; }
  // The type of the ids' column where Parquet names one, such as "int32"; empty elsewhere.
  virtual std::string id_type() const { return {}; }
  // The types of the copied columns; empty where all are texts.
  virtual std::vector<std::string> copied_types() const { return {}; }
  // How many rows there are in all, where the input says so.
  virtual std::optional<std::uint64_t> row_count() const { return std::nullopt; }
};

// `path` "-" is standard input. Inputs compressed with gzip or zstd are unpacked, whatever their
// names. Throws k_not_found, k_bad_data (no such column, listing the columns), and for Parquet and
// zstd what arrow_plugin() throws.
std::unique_ptr<RowReader> open_reader(const std::filesystem::path& path, Format format,
                                       const ReaderOptions& options);

// The same over any bytes, for every format but k_parquet; `name` is for messages.
std::unique_ptr<RowReader> open_reader(std::unique_ptr<ByteSource> source, const std::string& name,
                                       Format format, const ReaderOptions& options);

}  // namespace hasten::data
