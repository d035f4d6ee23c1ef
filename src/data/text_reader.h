// Reading rows of text, in order, from files and standard input.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
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
// "txt", "jsonl", "csv", "tsv", "parquet"; throws k_usage.
Format parse_format(const std::string& name);

struct ReaderOptions {
  std::string text_column;  // empty: guessed from usual names (text, tweet, sentence, content, ...)
  std::string pair_column;  // empty: "text_pair" where there is one
  std::string id_column;    // empty: none is read
  std::size_t block_bytes = std::size_t{1} << 18;    // read at once
  std::size_t max_row_bytes = std::size_t{1} << 30;  // a longer row becomes k_malformed
};

using hasten::TextReader;

// `path` "-" is standard input. Throws k_not_found, k_bad_data (no such column, listing the
// columns).
std::unique_ptr<TextReader> open_reader(const std::filesystem::path& path, Format format,
                                        const ReaderOptions& options);

// The same over any bytes, for every format but k_parquet; `name` is for messages.
std::unique_ptr<TextReader> open_reader(std::unique_ptr<ByteSource> source, const std::string& name,
                                        Format format, const ReaderOptions& options);

}  // namespace hasten::data
