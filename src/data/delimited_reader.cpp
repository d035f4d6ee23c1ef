#include "data/delimited_reader.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "base/error.h"
#include "data/columns.h"
#include "data/delimited_parser.h"
#include "data/row_text.h"
#include "data/stream_reader.h"
#include "data/utf8.h"

namespace hasten::data {
namespace {

constexpr char k_close_quotes[] =
    "Close the quote, or write a field that begins with one as \"\"\"Hello\"\" she said\"; where "
    "no field "
    "is quoted and quotes are text, say so with --no-quoting.";

class DelimitedReader : public StreamReader {
 public:
  DelimitedReader(TextInput input, const std::string& name, char delimiter,
                  const ReaderOptions& options)
      : StreamReader(std::move(input)),
        name_(name),
        parser_(delimiter, options.quoting, options.max_row_bytes) {
    read_header(options);
  }

  std::string text_column() const override { return text_column_; }
  std::string id_column() const override { return id_column_; }

 protected:
  bool take_row(TextRow& row) override;

 private:
  void read_header(const ReaderOptions& options);
  void keep_columns(const Columns& columns);
  void copy_fields(TextRow& row) const;
  std::string problem_of(const DelimitedRecord& record) const;

  std::string name_;  // of the input, for messages
  DelimitedParser parser_;
  DelimitedRecord record_;
  std::string text_column_;
  std::string id_column_;
  std::size_t column_count_ = 0;
  // Fields of a record; one column may be wanted twice, as the id that is the text.
  std::size_t text_field_ = 0;
  std::optional<std::size_t> pair_field_;
  std::optional<std::size_t> id_field_;
  std::vector<std::size_t> copied_fields_;
};

void DelimitedReader::read_header(const ReaderOptions& options) {
  while (!parser_.take(input_, record_) || record_.blank) {
    if (!input_.at_end()) {
      input_.fill();
    } else if (input_.pending().empty()) {
      fail(ErrorCode::k_bad_data, "the input has no header line", name_, "it is empty",
           "Give a table whose first line names the columns.");
    }
  }
  require_closed_quotes(record_, name_, k_close_quotes);
  for (std::string& column : record_.fields) repair_utf8(column);
  if (!record_.problem.empty()) {
    fail(ErrorCode::k_bad_data, "the header line cannot be read: " + record_.problem,
         name_ + ", " + to_string(record_.place));
  }
  column_count_ = record_.fields.size();
  const Columns columns = find_columns(record_.fields, options, name_);
  text_column_ = record_.fields[columns.text];
  if (columns.id) id_column_ = record_.fields[*columns.id];
  keep_columns(columns);
}

void DelimitedReader::keep_columns(const Columns& columns) {
  std::vector<std::size_t> slots(column_count_, DelimitedParser::k_dropped);
  std::size_t slot_count = 0;
  const auto slot_of = [&](std::size_t column) {
    if (slots[column] == DelimitedParser::k_dropped) slots[column] = slot_count++;
    return slots[column];
  };
  text_field_ = slot_of(columns.text);
  if (columns.text_pair) pair_field_ = slot_of(*columns.text_pair);
  if (columns.id) id_field_ = slot_of(*columns.id);
  for (const std::size_t column : columns.copied) copied_fields_.push_back(slot_of(column));
  parser_.keep(std::move(slots), slot_count);
}

bool DelimitedReader::take_row(TextRow& row) {
  do {
    if (!parser_.take(input_, record_)) return false;
  } while (record_.blank && column_count_ > 1);
  require_closed_quotes(record_, name_, k_close_quotes);
  const std::string problem = problem_of(record_);
  copy_fields(row);
  if (id_field_ && record_.field_count == column_count_) {
    std::string id = record_.fields[*id_field_];
    repair_utf8(id);
    row.id = std::move(id);
  }
  if (!problem.empty()) {
    set_malformed(row, problem, record_.place);
    return true;
  }
  if (pair_field_) set_text_pair(row, record_.fields[*pair_field_], record_.place);
  set_text(row, std::move(record_.fields[text_field_]), record_.place);
  return true;
}

void DelimitedReader::copy_fields(TextRow& row) const {
  row.copied.resize(copied_fields_.size());
  if (record_.field_count != column_count_) return;
  for (std::size_t i = 0; i < copied_fields_.size(); ++i) {
    std::string value = record_.fields[copied_fields_[i]];
    repair_utf8(value);
    row.copied[i] = std::move(value);
  }
}

std::string DelimitedReader::problem_of(const DelimitedRecord& record) const {
  if (!record.problem.empty()) return record.problem;
  if (record.field_count == column_count_) return {};
  return fmt::format("{} field{} where the header has {}", record.field_count,
                     record.field_count == 1 ? "" : "s", column_count_);
}

}  // namespace

std::unique_ptr<RowReader> open_delimited_reader(TextInput input, const std::string& name,
                                                 char delimiter, const ReaderOptions& options) {
  return std::make_unique<DelimitedReader>(std::move(input), name, delimiter, options);
}

}  // namespace hasten::data
