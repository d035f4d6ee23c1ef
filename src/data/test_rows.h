// For tests: rows of an input that lies in memory, read in blocks of any size.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/memory_source.h"
#include "data/text_reader.h"

namespace hasten::data {

inline std::vector<TextRow> read_all(TextReader& reader, std::size_t at_most = 7) {
  std::vector<TextRow> rows;
  while (reader.read(rows, at_most)) {
  }
  return rows;
}

inline std::unique_ptr<RowReader> reader_of(std::string_view bytes, Format format,
                                            const ReaderOptions& options = {}) {
  return open_reader(std::make_unique<MemorySource>(std::string(bytes)), "memory", format, options);
}

inline std::vector<TextRow> rows_of(std::string_view bytes, Format format,
                                    const ReaderOptions& options = {}) {
  return read_all(*reader_of(bytes, format, options));
}

inline std::vector<std::string> texts_of(const std::vector<TextRow>& rows) {
  std::vector<std::string> texts;
  for (const TextRow& row : rows) texts.push_back(row.text);
  return texts;
}

inline std::vector<RowStatus> statuses_of(const std::vector<TextRow>& rows) {
  std::vector<RowStatus> statuses;
  for (const TextRow& row : rows) statuses.push_back(row.status);
  return statuses;
}

// UTF-16 with a byte order mark.
inline std::string utf16(std::u16string_view text, bool big_endian) {
  std::string out;
  const auto append = [&](char16_t unit) {
    const char low = static_cast<char>(unit & 0xFF);
    const char high = static_cast<char>(unit >> 8);
    out += big_endian ? high : low;
    out += big_endian ? low : high;
  };
  append(u'\uFEFF');
  for (const char16_t unit : text) append(unit);
  return out;
}

}  // namespace hasten::data
