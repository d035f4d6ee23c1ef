#include "data/arrow/parquet_reader.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/file_reader.h>
#include <parquet/properties.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "data/arrow/arrow_status.h"
#include "data/arrow/cell_reader.h"
#include "data/arrow/random_access.h"
#include "data/columns.h"
#include "data/row_text.h"

namespace hasten::data {
namespace {

namespace fs = std::filesystem;

// Few, so that even long texts make a small batch.
constexpr std::int64_t k_batch_rows = 1024;
constexpr std::int64_t k_buffer_bytes = std::int64_t{1} << 20;

// What a hostile file may make Arrow throw, as an error of ours.
template <typename Function>
auto guarded(const std::string& where, const Function& function) {
  try {
    return function();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    fail(ErrorCode::k_out_of_memory, "there is no memory for reading the table", where);
  } catch (const std::exception& error) {
    fail(ErrorCode::k_bad_data, "the Parquet file cannot be read", where, error.what());
  }
}

std::unique_ptr<parquet::arrow::FileReader> open_parquet(const fs::path& path) {
  auto properties = parquet::default_reader_properties();
  properties.enable_buffered_stream();
  properties.set_buffer_size(k_buffer_bytes);
  parquet::ArrowReaderProperties arrow_properties(false);
  arrow_properties.set_batch_size(k_batch_rows);
  arrow_properties.set_pre_buffer(false);
  parquet::arrow::FileReaderBuilder builder;
  constexpr const char* k_what = "is not a Parquet file, or a damaged one";
  check(builder.Open(open_random_access(path), properties), ErrorCode::k_bad_data, k_what, path);
  return value_of(builder.properties(arrow_properties)->Build(), ErrorCode::k_bad_data, k_what,
                  path);
}

class ParquetReader : public RowReader {
 public:
  ParquetReader(const fs::path& path, const ReaderOptions& options);
  bool read(std::vector<TextRow>& rows, std::size_t at_most) override;
  std::string text_column() const override { return text_column_; }
  std::string id_column() const override { return id_column_; }
  bool has_integer_ids() const override { return has_integer_ids_; }
  std::string id_type() const override { return id_type_; }
  std::vector<std::string> copied_types() const override { return copied_types_; }
  std::optional<std::uint64_t> row_count() const override {
    return static_cast<std::uint64_t>(file_->parquet_reader()->metadata()->num_rows());
  }

 private:
  void choose_columns(const ReaderOptions& options);
  bool is_text(std::size_t column) const;
  bool is_integer(std::size_t column) const;
  bool can_be_ids(std::size_t column) const { return is_text(column) || is_integer(column); }
  void check_types(const Columns& columns);
  int leaf_of(std::size_t column) const;
  bool next_batch();
  void fill_row(TextRow& row) const;

  std::string where_;
  std::size_t max_row_bytes_;
  std::unique_ptr<parquet::arrow::FileReader> file_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;  // not to outlive file_
  std::shared_ptr<arrow::RecordBatch> batch_;
  std::int64_t next_in_batch_ = 0;
  std::uint64_t row_count_ = 0;
  std::string text_column_;
  std::string id_column_;
  bool has_integer_ids_ = false;
  std::string id_type_;
  std::vector<std::string> copied_types_;
  // Columns of a batch.
  int text_index_ = 0;
  int pair_index_ = -1;
  int id_index_ = -1;
  std::vector<int> copied_indexes_;
};

ParquetReader::ParquetReader(const fs::path& path, const ReaderOptions& options)
    : where_(path), max_row_bytes_(options.max_row_bytes), file_(open_parquet(path)) {
  choose_columns(options);
}

void ParquetReader::choose_columns(const ReaderOptions& options) {
  std::vector<std::string> names;
  for (const auto& field : file_->manifest().schema_fields) names.push_back(field.field->name());
  Columns columns = find_columns(names, options, where_);
  const bool is_guessed = options.id_column.empty();
  if (is_guessed && columns.id && !can_be_ids(*columns.id)) columns.id.reset();
  check_types(columns);
  text_column_ = names[columns.text];
  if (columns.id) id_column_ = names[*columns.id];
  std::vector<int> leaves = {leaf_of(columns.text)};
  if (columns.text_pair) leaves.push_back(leaf_of(*columns.text_pair));
  if (columns.id) leaves.push_back(leaf_of(*columns.id));
  for (const std::size_t column : columns.copied) leaves.push_back(leaf_of(column));
  std::sort(leaves.begin(), leaves.end());
  leaves.erase(std::unique(leaves.begin(), leaves.end()), leaves.end());
  const auto index_of = [&](std::size_t column) {
    const auto found = std::find(leaves.begin(), leaves.end(), leaf_of(column));
    return static_cast<int>(found - leaves.begin());
  };
  text_index_ = index_of(columns.text);
  if (columns.text_pair) pair_index_ = index_of(*columns.text_pair);
  if (columns.id) id_index_ = index_of(*columns.id);
  for (const std::size_t column : columns.copied) copied_indexes_.push_back(index_of(column));
  std::vector<int> row_groups(static_cast<std::size_t>(file_->num_row_groups()));
  std::iota(row_groups.begin(), row_groups.end(), 0);
  batches_ = value_of(file_->GetRecordBatchReader(row_groups, leaves), ErrorCode::k_bad_data,
                      "the Parquet file cannot be read", where_);
}

bool ParquetReader::is_text(std::size_t column) const {
  const auto& field = file_->manifest().schema_fields[column];
  return field.is_leaf() && is_text_type(*field.field->type());
}

bool ParquetReader::is_integer(std::size_t column) const {
  const auto& field = file_->manifest().schema_fields[column];
  return field.is_leaf() && is_integer_type(*field.field->type());
}

void ParquetReader::check_types(const Columns& columns) {
  const auto& fields = file_->manifest().schema_fields;
  const auto fail_type = [&](std::size_t column, const char* wanted) {
    const auto& field = *fields[column].field;
    fail(ErrorCode::k_bad_data,
         fmt::format("the column \"{}\" is of type {}, not {}", field.name(),
                     field.type()->ToString(), wanted),
         where_, {}, "Name another column.");
  };
  if (!is_text(columns.text)) fail_type(columns.text, "string");
  if (columns.text_pair && !is_text(*columns.text_pair)) fail_type(*columns.text_pair, "string");
  for (const std::size_t column : columns.copied) {
    const auto& field = fields[column];
    if (!field.is_leaf() || !is_copied_type(*field.field->type())) {
      fail_type(column, "one that is copied: text, number, bool, date or timestamp");
    }
    copied_types_.push_back(copied_type(field.field->type()->ToString()) == nullptr
                                ? "string"
                                : field.field->type()->ToString());
  }
  if (!columns.id) return;
  if (!can_be_ids(*columns.id)) fail_type(*columns.id, "string or integer");
  if (!is_integer(*columns.id)) return;
  // Not every uint64 is an int64.
  has_integer_ids_ = fields[*columns.id].field->type()->id() != arrow::Type::UINT64;
  id_type_ = fields[*columns.id].field->type()->ToString();
}

int ParquetReader::leaf_of(std::size_t column) const {
  return file_->manifest().schema_fields[column].column_index;
}

bool ParquetReader::read(std::vector<TextRow>& rows, std::size_t at_most) {
  return guarded(where_, [&] {
    std::size_t taken = 0;
    for (; taken < at_most; ++taken) {
      if ((batch_ == nullptr || next_in_batch_ == batch_->num_rows()) && !next_batch()) break;
      TextRow row;
      fill_row(row);
      ++next_in_batch_;
      ++row_count_;
      rows.push_back(std::move(row));
    }
    return taken > 0 || at_most == 0;
  });
}

bool ParquetReader::next_batch() {
  do {
    check(batches_->ReadNext(&batch_), ErrorCode::k_bad_data, "the Parquet file cannot be read on",
          fmt::format("{}, row {}", where_, row_count_ + 1));
    next_in_batch_ = 0;
  } while (batch_ != nullptr && batch_->num_rows() == 0);
  return batch_ != nullptr;
}

void ParquetReader::fill_row(TextRow& row) const {
  row.number = row_count_ + 1;
  const Place place{row.number, 0, false, "row"};
  for (const int index : copied_indexes_) {
    row.copied.push_back(copied_cell(*batch_->column(index), next_in_batch_));
  }
  if (id_index_ >= 0) row.id = id_at(*batch_->column(id_index_), next_in_batch_);
  const auto text = text_at(*batch_->column(text_index_), next_in_batch_);
  if (!text) return set_null(row, "the text is null", place);
  if (text->size() > max_row_bytes_) {
    return set_malformed(row, fmt::format("the text is longer than {} bytes", max_row_bytes_),
                         place);
  }
  if (pair_index_ >= 0) {
    const auto pair = text_at(*batch_->column(pair_index_), next_in_batch_);
    if (pair) set_text_pair(row, std::string(*pair), place);
  }
  set_text(row, std::string(*text), place);
}

}  // namespace

std::unique_ptr<RowReader> make_parquet_reader(const std::filesystem::path& path,
                                               const ReaderOptions& options) {
  return guarded(path, [&]() -> std::unique_ptr<RowReader> {
    return std::make_unique<ParquetReader>(path, options);
  });
}

}  // namespace hasten::data
