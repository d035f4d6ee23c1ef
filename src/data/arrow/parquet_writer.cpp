#include "data/arrow/parquet_writer.h"

#include <arrow/array/builder_base.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/builder.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/writer.h>

#include <vector>

#include "data/arrow/arrow_status.h"
#include "data/arrow/cell_reader.h"
#include "data/arrow/file_output.h"
#include "data/arrow/writer_properties.h"

namespace hasten::data {
namespace {

// Long texts must not make a row group large.
constexpr std::size_t k_row_group_text_bytes = std::size_t{32} << 20;

std::shared_ptr<arrow::DataType> type_named(const std::string& name) {
  auto type = copied_type(name);
  if (type == nullptr) fail(ErrorCode::k_internal, "there is no column type " + name);
  return type;
}

std::shared_ptr<arrow::DataType> id_type(const ScoreSchema& schema) {
  if (!schema.id_type.empty()) return type_named(schema.id_type);
  return schema.integer_ids ? arrow::int64() : arrow::utf8();
}

std::shared_ptr<arrow::Schema> arrow_schema(const ScoreSchema& schema) {
  arrow::FieldVector fields;
  if (schema.has_ids) fields.push_back(arrow::field(schema.id_column, id_type(schema)));
  for (const CopiedColumn& column : schema.copied_columns) {
    fields.push_back(arrow::field(column.name, type_named(column.type)));
  }
  for (const std::string& name : schema.score_columns) {
    fields.push_back(arrow::field(name, arrow::float32()));
  }
  fields.push_back(arrow::field(k_status_column, arrow::utf8()));
  return arrow::schema(std::move(fields));
}

std::shared_ptr<arrow::KeyValueMetadata> footer_metadata(const ScoreSchema& schema) {
  auto metadata = std::make_shared<arrow::KeyValueMetadata>();
  for (const auto& [key, value] : schema.metadata) metadata->Append(key, value);
  return metadata;
}

class ParquetWriter : public ScoreWriter {
 public:
  ParquetWriter(std::unique_ptr<OutputFile> file, std::string where, const ScoreSchema& schema);
  void write(std::span<const ScoreRow> rows) override;
  void close() override;

 private:
  void append(const ScoreRow& row);
  void append_id(const RowId& id);
  void append_copied(arrow::ArrayBuilder& builder, const Cell& cell);
  void append_scores(std::span<const float> scores);
  bool row_group_is_full() const;
  void flush_row_group();
  void check_output(const arrow::Status& status) const;
  void check_whole() const;

  std::string where_;
  ScoreSchema schema_;
  std::shared_ptr<arrow::Schema> arrow_schema_;
  std::shared_ptr<FileOutput> output_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
  std::vector<std::unique_ptr<arrow::ArrayBuilder>> copied_;  // the id's first, where there is one
  std::vector<std::unique_ptr<arrow::FloatBuilder>> scores_;
  arrow::StringBuilder statuses_;
  std::size_t text_bytes_ = 0;  // in the row group
  bool whole_ = true;           // no call has failed
};

ParquetWriter::ParquetWriter(std::unique_ptr<OutputFile> file, std::string where,
                             const ScoreSchema& schema)
    : where_(std::move(where)),
      schema_(schema),
      arrow_schema_(arrow_schema(schema)),
      output_(std::make_shared<FileOutput>(std::move(file))) {
  const std::size_t copied = schema.copied_columns.size() + (schema.has_ids ? 1 : 0);
  for (std::size_t i = 0; i < copied; ++i) {
    std::unique_ptr<arrow::ArrayBuilder> builder;
    check_output(arrow::MakeBuilder(arrow::default_memory_pool(),
                                    arrow_schema_->field(static_cast<int>(i))->type(), &builder));
    copied_.push_back(std::move(builder));
  }
  for (std::size_t i = 0; i < schema.score_columns.size(); ++i) {
    scores_.push_back(std::make_unique<arrow::FloatBuilder>());
  }
  auto writer = parquet::arrow::FileWriter::Open(*arrow_schema_, arrow::default_memory_pool(),
                                                 output_, writer_properties());
  check_output(writer.status());
  writer_ = std::move(writer).ValueUnsafe();
}

void ParquetWriter::write(std::span<const ScoreRow> rows) {
  check_whole();
  whole_ = false;
  for (const ScoreRow& row : rows) {
    append(row);
    if (row_group_is_full()) flush_row_group();
  }
  whole_ = true;
}

void ParquetWriter::append(const ScoreRow& row) {
  check_score_count(row, schema_);
  if (schema_.has_ids) append_id(row.id);
  for (std::size_t i = 0; i < row.copied.size(); ++i) {
    append_copied(*copied_[i + (schema_.has_ids ? 1 : 0)], row.copied[i]);
  }
  append_scores(row.scores);
  check_output(statuses_.Append(status_text(row)));
}

void ParquetWriter::append_id(const RowId& id) {
  const bool is_text = std::holds_alternative<std::string>(id);
  if (is_text && schema_.integer_ids) {
    fail(ErrorCode::k_internal, "a text as id of a table of integer ids", where_);
  }
  append_copied(*copied_.front(), std::visit([](const auto& value) { return Cell(value); }, id));
}

void ParquetWriter::append_copied(arrow::ArrayBuilder& builder, const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) text_bytes_ += text->size();
  check_output(append_cell(builder, cell));
}

void ParquetWriter::append_scores(std::span<const float> scores) {
  for (std::size_t i = 0; i < scores_.size(); ++i) {
    check_output(scores.empty() ? scores_[i]->AppendNull() : scores_[i]->Append(scores[i]));
  }
}

bool ParquetWriter::row_group_is_full() const {
  return statuses_.length() == static_cast<std::int64_t>(k_row_group_rows) ||
         text_bytes_ >= k_row_group_text_bytes;
}

void ParquetWriter::flush_row_group() {
  const std::int64_t row_count = statuses_.length();
  if (row_count == 0) return;
  text_bytes_ = 0;
  arrow::ArrayVector columns;
  const auto finish = [&](arrow::ArrayBuilder& builder) {
    columns.emplace_back();
    check_output(builder.Finish(&columns.back()));
  };
  for (const auto& builder : copied_) finish(*builder);
  for (const auto& scores : scores_) finish(*scores);
  finish(statuses_);
  const auto table = arrow::Table::Make(arrow_schema_, columns, row_count);
  check_output(writer_->WriteTable(*table, row_count));
}

void ParquetWriter::close() {
  check_whole();
  whole_ = false;
  flush_row_group();
  if (!schema_.metadata.empty()) {
    check_output(writer_->AddKeyValueMetadata(footer_metadata(schema_)));
  }
  check_output(writer_->Close());
  output_->commit();
}

void ParquetWriter::check_output(const arrow::Status& status) const {
  if (status.ok()) return;
  output_->rethrow_error();
  check(status, ErrorCode::k_output, "the table cannot be written", where_);
}

// Arrow closes a file after an error as if nothing had been, so that the footer would hide lost
// rows.
void ParquetWriter::check_whole() const {
  if (whole_) return;
  output_->rethrow_error();
  fail(ErrorCode::k_output, "the table cannot be written on after an error", where_);
}

}  // namespace

std::unique_ptr<ScoreWriter> make_parquet_writer(std::unique_ptr<OutputFile> file,
                                                 const std::string& where,
                                                 const ScoreSchema& schema) {
  return std::make_unique<ParquetWriter>(std::move(file), where, schema);
}

}  // namespace hasten::data
