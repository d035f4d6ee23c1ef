// For tests: rows of an input that lies in memory, read in blocks of any size.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/text_reader.h"

namespace hasten::data {

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string bytes) : bytes_(std::move(bytes)) {}
  std::size_t read(std::span<char> out) override {
    const std::size_t count = std::min(out.size(), bytes_.size() - position_);
    std::copy_n(bytes_.data() + position_, count, out.data());
    position_ += count;
    return count;
  }
  bool ready() override { return true; }

 private:
  std::string bytes_;
  std::size_t position_ = 0;
};

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
