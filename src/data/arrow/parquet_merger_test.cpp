#include <arrow/util/key_value_metadata.h>
#include <hasten/error.h>
#include <parquet/file_reader.h>

#include <fstream>

#include "base/mapped_file.h"
#include "data/arrow/test_tables.h"
#include "data/arrow_plugin.h"
#include "data/score_writer.h"
#include "data/test_rows.h"

namespace hasten::data {
namespace {

using testing::ElementsAre;
namespace fs = std::filesystem;

class ParquetMergerTest : public FolderTest {
 protected:
  // A part of `rows` rows whose ids begin with `first`.
  std::string write_part(const std::string& name, std::int64_t first, std::size_t count,
                         const std::map<std::string, std::string>& metadata = {},
                         const std::string& id_type = "int64") {
    ScoreSchema schema;
    schema.has_ids = true;
    schema.integer_ids = true;
    schema.id_type = id_type;
    schema.score_columns = {"score"};
    schema.metadata = metadata;
    std::vector<float> scores(count);
    std::vector<ScoreRow> rows(count);
    for (std::size_t i = 0; i < count; ++i) {
      scores[i] = static_cast<float>(first) + static_cast<float>(i) / 8;
      rows[i].id = first + static_cast<std::int64_t>(i);
      rows[i].scores = std::span(scores).subspan(i, 1);
    }
    const auto writer = open_score_writer(folder_ / name, Format::k_parquet, schema);
    writer->write(rows);
    writer->close();
    return folder_ / name;
  }

  std::uint64_t merge(const std::vector<std::string>& parts) {
    return arrow_plugin().merge_parquet(parts, create_local_file(merged_path()), merged_path());
  }
  fs::path merged_path() const { return folder_ / "merged.parquet"; }

  std::vector<RowId> merged_ids() const {
    ReaderOptions options;
    options.text_column = "status";
    options.id_column = "id";
    std::vector<RowId> ids;
    const auto reader = open_reader(merged_path(), Format::k_parquet, options);
    for (const TextRow& row : read_all(*reader)) ids.push_back(row.id);
    return ids;
  }

  ErrorCode error_of(const std::vector<std::string>& parts) {
    try {
      merge(parts);
    } catch (const Error& error) {
      EXPECT_FALSE(fs::exists(merged_path()));
      return error.code();
    }
    return ErrorCode::k_internal;
  }
};

TEST_F(ParquetMergerTest, PutsTheRowsOfAllPartsInTheirOrder) {
  const auto a = write_part("a.parquet", 5, 2), none = write_part("b.parquet", 0, 0),
             c = write_part("c.parquet", -1, 1);
  EXPECT_EQ(merge({a, none, c}), 3u);
  EXPECT_THAT(merged_ids(),
              ElementsAre(RowId(std::int64_t{5}), RowId(std::int64_t{6}), RowId(std::int64_t{-1})));
}

TEST_F(ParquetMergerTest, GivesTheSameBytesEachTime) {
  const std::vector<std::string> parts = {write_part("a.parquet", 0, 3000),
                                          write_part("b.parquet", 9000, 2000)};
  merge(parts);
  const std::string first = read_file(merged_path());
  merge(parts);
  EXPECT_EQ(read_file(merged_path()), first);
}

TEST_F(ParquetMergerTest, JoinsSmallPartsInRowGroupsOfTheUsualSize) {
  std::vector<std::string> parts;
  for (int i = 0; i < 5; ++i) {
    parts.push_back(write_part(std::to_string(i), i * 40'000, 40'000));
  }
  merge(parts);
  const auto metadata = parquet::ParquetFileReader::OpenFile(merged_path())->metadata();
  EXPECT_EQ(metadata->num_row_groups(), 2);
  EXPECT_EQ(metadata->num_rows(), 200'000);
  EXPECT_EQ(metadata->RowGroup(0)->num_rows(), static_cast<std::int64_t>(k_row_group_rows));
}

TEST_F(ParquetMergerTest, KeepsMetadataThatAllPartsShare) {
  merge({write_part("a", 0, 1, {{"hasten.model", "m"}, {"hasten.input", "a"}}),
         write_part("b", 1, 1, {{"hasten.model", "m"}, {"hasten.input", "b"}})});
  const auto metadata =
      parquet::ParquetFileReader::OpenFile(merged_path())->metadata()->key_value_metadata();
  EXPECT_EQ(metadata->Get("hasten.model").ValueOr(""), "m");
  EXPECT_FALSE(metadata->Contains("hasten.input"));
}

TEST_F(ParquetMergerTest, RefusesOtherColumnsDamagedAndMissingParts) {
  const auto part = write_part("a", 0, 10);
  EXPECT_EQ(error_of({part, write_part("b", 0, 10, {}, "int32")}), ErrorCode::k_bad_data);
  std::string bytes = read_file(part);
  std::ofstream(folder_ / "cut", std::ios::binary).write(bytes.data(), 100);
  EXPECT_EQ(error_of({part, folder_ / "cut"}), ErrorCode::k_bad_data);
  EXPECT_EQ(error_of({folder_ / "absent"}), ErrorCode::k_not_found);
}

}  // namespace
}  // namespace hasten::data
