#include "data/arrow/parquet_merger.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <parquet/file_reader.h>

#include <map>

#include "data/arrow/arrow_status.h"
#include "data/arrow/file_output.h"
#include "data/arrow/random_access.h"
#include "data/arrow/writer_properties.h"
#include "data/score_writer.h"

namespace hasten::data {
namespace {

constexpr const char* k_damaged = "is not a Parquet file, or a damaged one";

std::unique_ptr<parquet::arrow::FileReader> open_part(const std::string& path) {
  return value_of(parquet::arrow::OpenFile(open_random_access(path), arrow::default_memory_pool()),
                  ErrorCode::k_bad_data, k_damaged, path);
}

std::shared_ptr<arrow::Schema> schema_of(parquet::arrow::FileReader& part,
                                         const std::string& path) {
  std::shared_ptr<arrow::Schema> schema;
  check(part.GetSchema(&schema), ErrorCode::k_bad_data, k_damaged, path);
  return schema;
}

std::map<std::string, std::string> metadata_of(parquet::arrow::FileReader& part) {
  std::map<std::string, std::string> metadata;
  const auto stored = part.parquet_reader()->metadata()->key_value_metadata();
  for (std::int64_t i = 0; stored != nullptr && i < stored->size(); ++i) {
    if (stored->key(i).starts_with("hasten.")) metadata[stored->key(i)] = stored->value(i);
  }
  return metadata;
}

class ParquetMerger {
 public:
  ParquetMerger(std::unique_ptr<OutputFile> file, const std::string& where)
      : where_(where), output_(std::make_shared<FileOutput>(std::move(file))) {}

  void add(const std::string& path);
  std::uint64_t finish();

 private:
  void open_writer(const std::shared_ptr<arrow::Schema>& schema);
  void check_output(const arrow::Status& status) const;

  std::string where_;
  std::shared_ptr<FileOutput> output_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
  std::map<std::string, std::string> metadata_;
  std::uint64_t rows_ = 0;
};

void ParquetMerger::check_output(const arrow::Status& status) const {
  if (status.ok()) return;
  output_->rethrow_error();
  check(status, ErrorCode::k_output, "the table cannot be written", where_);
}

void ParquetMerger::open_writer(const std::shared_ptr<arrow::Schema>& schema) {
  schema_ = schema->RemoveMetadata();
  auto writer = parquet::arrow::FileWriter::Open(*schema_, arrow::default_memory_pool(), output_,
                                                 writer_properties());
  check_output(writer.status());
  writer_ = std::move(writer).ValueUnsafe();
}

void ParquetMerger::add(const std::string& path) {
  const auto part = open_part(path);
  const auto schema = schema_of(*part, path);
  const auto metadata = metadata_of(*part);
  if (!writer_) {
    open_writer(schema);
    metadata_ = metadata;
  } else if (!schema->Equals(*schema_, false)) {
    fail(ErrorCode::k_bad_data, "the part has other columns than those before it", path,
         "the ids of its input are of another type", "Merge such parts with a tool that converts.");
  }
  std::erase_if(metadata_, [&](const auto& entry) {
    const auto found = metadata.find(entry.first);
    return found == metadata.end() || found->second != entry.second;
  });
  const auto batches =
      value_of(part->GetRecordBatchReader(), ErrorCode::k_bad_data, k_damaged, path);
  for (std::shared_ptr<arrow::RecordBatch> batch;;) {
    check(batches->ReadNext(&batch), ErrorCode::k_bad_data, "the part cannot be read on", path);
    if (batch == nullptr) return;
    rows_ += static_cast<std::uint64_t>(batch->num_rows());
    check_output(writer_->WriteRecordBatch(*batch->ReplaceSchemaMetadata(nullptr)));
  }
}

std::uint64_t ParquetMerger::finish() {
  auto metadata = std::make_shared<arrow::KeyValueMetadata>();
  for (const auto& [key, value] : metadata_) metadata->Append(key, value);
  check_output(writer_->AddKeyValueMetadata(metadata));
  check_output(writer_->Close());
  output_->commit();
  return rows_;
}

}  // namespace

std::uint64_t merge_parquet_files(std::span<const std::string> paths,
                                  std::unique_ptr<OutputFile> file, const std::string& where) {
  ParquetMerger merger(std::move(file), where);
  for (const std::string& path : paths) merger.add(path);
  return merger.finish();
}

}  // namespace hasten::data
