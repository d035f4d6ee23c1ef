// For tests: Parquet files made with Arrow.
#pragma once

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/io/file.h>
#include <arrow/table.h>
#include <gmock/gmock.h>
#include <parquet/arrow/writer.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/test_folder.h"

namespace hasten::data {

template <typename Builder, typename Value>
std::shared_ptr<arrow::Array> array_of(const std::vector<std::optional<Value>>& values) {
  Builder builder;
  for (const auto& value : values) {
    const auto status = value ? builder.Append(*value) : builder.AppendNull();
    EXPECT_TRUE(status.ok()) << status.ToString();
  }
  return builder.Finish().ValueOrDie();
}

inline std::shared_ptr<arrow::Table> table_of(const std::vector<std::string>& names,
                                              const arrow::ArrayVector& columns) {
  arrow::FieldVector fields;
  for (std::size_t i = 0; i < names.size(); ++i) {
    fields.push_back(arrow::field(names[i], columns[i]->type()));
  }
  return arrow::Table::Make(arrow::schema(fields), columns);
}

// Keeps Arrow's own types in the file, as pyarrow does.
inline void write_parquet(const std::filesystem::path& path, const arrow::Table& table,
                          std::int64_t row_group_rows = 1'000'000) {
  const auto file = arrow::io::FileOutputStream::Open(path).ValueOrDie();
  const auto properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  const auto status =
      parquet::arrow::WriteTable(table, arrow::default_memory_pool(), file, row_group_rows,
                                 parquet::default_writer_properties(), properties);
  ASSERT_TRUE(status.ok()) << status.ToString();
  ASSERT_TRUE(file->Close().ok());
}

}  // namespace hasten::data
