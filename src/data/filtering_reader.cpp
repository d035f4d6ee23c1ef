#include "data/filtering_reader.h"

#include <algorithm>

#include "base/error.h"
#include "data/cell_text.h"

namespace hasten::data {
namespace {

class FilteringReader : public RowReader {
 public:
  FilteringReader(std::unique_ptr<RowReader> reader, std::vector<RowFilter> filters)
      : reader_(std::move(reader)), filters_(std::move(filters)), types_(reader_->copied_types()) {}

  bool read(std::vector<TextRow>& rows, std::size_t at_most) override;
  std::string text_column() const override { return reader_->text_column(); }
  std::string id_column() const override { return reader_->id_column(); }
  bool has_integer_ids() const override { return reader_->has_integer_ids(); }
  std::string id_type() const override { return reader_->id_type(); }
  std::vector<std::string> copied_types() const override {
    if (types_.empty()) return {};
    return {types_.begin(), types_.end() - std::ssize(filters_)};
  }

 private:
  bool passes(const TextRow& row) const;

  std::unique_ptr<RowReader> reader_;
  std::vector<RowFilter> filters_;
  std::vector<std::string> types_;
};

bool FilteringReader::passes(const TextRow& row) const {
  if (row.status == RowStatus::k_malformed) return true;
  const std::size_t first = row.copied.size() - filters_.size();
  for (std::size_t i = 0; i < filters_.size(); ++i) {
    const Cell& cell = row.copied[first + i];
    const bool is_equal =
        !std::holds_alternative<std::monostate>(cell) &&
        text_of(cell, types_.empty() ? std::string() : types_[first + i]) == filters_[i].value;
    if (is_equal != filters_[i].equal) return false;
  }
  return true;
}

// Reads on until a row passes, so that only the end of the input looks like one.
bool FilteringReader::read(std::vector<TextRow>& rows, std::size_t at_most) {
  const std::size_t before = rows.size();
  bool more = true;
  while (more && rows.size() == before) {
    std::vector<TextRow> some;
    more = reader_->read(some, at_most);
    for (TextRow& row : some) {
      if (!passes(row)) continue;
      row.copied.resize(row.copied.size() - filters_.size());
      rows.push_back(std::move(row));
    }
  }
  return more;
}

}  // namespace

RowFilter parse_filter(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || text.starts_with("!=")) {
    fail(ErrorCode::k_usage, "\"" + text + "\" is no condition", {}, {},
         "Give COLUMN=VALUE or COLUMN!=VALUE.");
  }
  const bool equal = text[equals - 1] != '!';
  return {text.substr(0, equal ? equals : equals - 1), text.substr(equals + 1), equal};
}

std::unique_ptr<RowReader> filter_rows(std::unique_ptr<RowReader> reader,
                                       std::vector<RowFilter> filters) {
  return std::make_unique<FilteringReader>(std::move(reader), std::move(filters));
}

}  // namespace hasten::data
