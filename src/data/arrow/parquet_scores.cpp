#include "data/arrow/parquet_scores.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>

#include <limits>

#include "data/arrow/arrow_status.h"
#include "data/arrow/cell_reader.h"
#include "data/arrow/random_access.h"
#include "data/score_table_builder.h"
#include "data/utf8.h"

namespace hasten::data {
namespace {

constexpr double k_missing = std::numeric_limits<double>::quiet_NaN();

double number_at(const arrow::Array& array, std::int64_t index) {
  if (array.IsNull(index)) return k_missing;
  switch (array.type_id()) {
    case arrow::Type::FLOAT:
      return static_cast<const arrow::FloatArray&>(array).Value(index);
    case arrow::Type::DOUBLE:
      return static_cast<const arrow::DoubleArray&>(array).Value(index);
    default:
      break;
  }
  const RowId id = id_at(array, index);
  const auto* integer = std::get_if<std::int64_t>(&id);
  return integer == nullptr ? k_missing : static_cast<double>(*integer);
}

bool is_number_type(const arrow::DataType& type) {
  return is_integer_type(type) || type.id() == arrow::Type::FLOAT ||
         type.id() == arrow::Type::DOUBLE;
}

void set_list(ScoreTableBuilder& builder, const std::string& name, const arrow::ListArray& lists,
              std::int64_t row) {
  const arrow::Array& values = *lists.values();
  if (lists.IsNull(row) || !is_number_type(*values.type())) return;
  for (std::int64_t i = 0; i < lists.value_length(row); ++i) {
    builder.set_number(fmt::format("{}[{}]", name, i),
                       number_at(values, lists.value_offset(row) + i));
  }
}

void set_value(ScoreTableBuilder& builder, const std::string& name, const arrow::Array& array,
               std::int64_t row) {
  if (builder.is_id(name)) {
    if (is_integer_type(*array.type()) || is_text_type(*array.type()))
      builder.set_id(id_at(array, row));
  } else if (builder.is_text(name) || builder.is_pair(name)) {
    if (!is_text_type(*array.type())) return;
    std::string text(text_at(array, row).value_or(""));
    repair_utf8(text);
    builder.is_text(name) ? builder.set_text(std::move(text)) : builder.set_pair(std::move(text));
  } else if (is_number_type(*array.type())) {
    builder.set_number(name, number_at(array, row));
  } else if (array.type_id() == arrow::Type::LIST && is_score_array(name)) {
    set_list(builder, name, static_cast<const arrow::ListArray&>(array), row);
  }
}

ScoreTable read(const std::filesystem::path& path, const ReaderOptions& options) {
  constexpr const char* k_what = "is not a Parquet file, or a damaged one";
  const auto file =
      value_of(parquet::arrow::OpenFile(open_random_access(path), arrow::default_memory_pool()),
               ErrorCode::k_bad_data, k_what, path);
  const auto batches = value_of(file->GetRecordBatchReader(), ErrorCode::k_bad_data, k_what, path);
  ScoreTableBuilder builder(batches->schema()->field_names(), options, path);
  for (;;) {
    std::shared_ptr<arrow::RecordBatch> batch;
    check(batches->ReadNext(&batch), ErrorCode::k_bad_data, "the Parquet file cannot be read on",
          path);
    if (batch == nullptr) break;
    for (std::int64_t row = 0; row < batch->num_rows(); ++row) {
      builder.start_row();
      for (int i = 0; i < batch->num_columns(); ++i) {
        set_value(builder, batch->column_name(i), *batch->column(i), row);
      }
    }
  }
  return builder.finish();
}

}  // namespace

ScoreTable read_parquet_scores(const std::filesystem::path& path, const ReaderOptions& options) {
  // What a hostile file may make Arrow throw is an error of ours.
  try {
    return read(path, options);
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    fail(ErrorCode::k_out_of_memory, "there is no memory for reading the table", path);
  } catch (const std::exception& error) {
    fail(ErrorCode::k_bad_data, "the Parquet file cannot be read", path, error.what());
  }
}

}  // namespace hasten::data
