#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/table.h>
#include <arrow/util/key_value_metadata.h>
#include <gmock/gmock.h>
#include <hasten/error.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <sys/resource.h>

#include <array>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <limits>

#include "base/mapped_file.h"
#include "data/score_writer.h"
#include "data/test_folder.h"

namespace hasten::data {
namespace {

using testing::ElementsAre;
namespace fs = std::filesystem;

class ParquetWriterTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    path_ = folder_ / "scores.parquet";
  }

  std::unique_ptr<parquet::arrow::FileReader> open_file() const {
    auto file = arrow::io::ReadableFile::Open(path_).ValueOrDie();
    return parquet::arrow::OpenFile(file, arrow::default_memory_pool()).ValueOrDie();
  }
  std::shared_ptr<arrow::Table> read_back() const { return open_file()->ReadTable().ValueOrDie(); }

  template <typename Array>
  static const Array& column(const arrow::Table& table, const std::string& name) {
    return dynamic_cast<const Array&>(*table.GetColumnByName(name)->chunk(0));
  }

  std::size_t file_count() const {
    const fs::directory_iterator files(folder_);
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
  }

  fs::path path_;
};

ScoreSchema two_scores() {
  ScoreSchema schema;
  schema.score_columns = {"score_no", "score_yes"};
  return schema;
}

TEST_F(ParquetWriterTest, WritesScoresAndNulls) {
  ScoreSchema schema = two_scores();
  schema.has_ids = true;
  schema.integer_ids = true;
  schema.id_column = "tweet_id";
  schema.metadata = {{"hasten.b", "2"}, {"hasten.a", "\u00E9"}};
  const std::vector<float> first = {0.25f, 0.75f};
  const std::vector<float> second = {std::numeric_limits<float>::quiet_NaN(), 1.0f};
  const auto writer = open_parquet_writer(path_, schema);
  const std::vector<ScoreRow> rows = {
      {std::int64_t{1} << 62, RowStatus::k_ok, false, first},
      {std::int64_t{-2}, RowStatus::k_null, false, {}},
      {{}, RowStatus::k_ok, true, first},
      {std::int64_t{4}, RowStatus::k_empty, false, second, {}, true}};
  writer->write(std::span(rows).first(3));
  writer->write(std::span(rows).last(1));
  writer->close();

  const auto table = read_back();
  EXPECT_THAT(table->ColumnNames(), ElementsAre("tweet_id", "score_no", "score_yes", "status"));
  const auto& ids = column<arrow::Int64Array>(*table, "tweet_id");
  EXPECT_EQ(ids.Value(0), std::int64_t{1} << 62);
  EXPECT_EQ(ids.Value(1), -2);
  EXPECT_TRUE(ids.IsNull(2));
  const auto& no = column<arrow::FloatArray>(*table, "score_no");
  const auto& yes = column<arrow::FloatArray>(*table, "score_yes");
  EXPECT_EQ(no.Value(0), 0.25f);
  EXPECT_EQ(yes.Value(2), 0.75f);
  EXPECT_TRUE(no.IsNull(1) && yes.IsNull(1));
  EXPECT_TRUE(std::isnan(no.Value(3)));
  const auto& status = column<arrow::StringArray>(*table, "status");
  EXPECT_EQ(status.GetString(0), "ok");
  EXPECT_EQ(status.GetString(1), "null");
  EXPECT_EQ(status.GetString(2), "truncated");
  EXPECT_EQ(status.GetString(3), "nonfinite");

  const auto footer = open_file()->parquet_reader()->metadata();
  EXPECT_EQ(footer->key_value_metadata()->Get("hasten.a").ValueOrDie(), "\u00E9");
  EXPECT_EQ(footer->key_value_metadata()->Get("hasten.b").ValueOrDie(), "2");
  const auto group = footer->RowGroup(0);
  for (int i = 0; i < footer->num_columns(); ++i) {
    EXPECT_EQ(group->ColumnChunk(i)->compression(), parquet::Compression::SNAPPY);
    EXPECT_EQ(group->ColumnChunk(i)->has_dictionary_page(), i == 3);
  }
}

TEST_F(ParquetWriterTest, WritesIdsAsTextWhereTheyAreNotAllIntegers) {
  ScoreSchema schema = two_scores();
  schema.has_ids = true;
  const std::vector<float> scores = {0, 1};
  const auto writer = open_parquet_writer(path_, schema);
  const std::vector<ScoreRow> rows = {{std::string("a-1"), RowStatus::k_ok, false, scores},
                                      {std::int64_t{12}, RowStatus::k_invalid_utf8, true, scores},
                                      {{}, RowStatus::k_malformed, false, {}}};
  writer->write(rows);
  writer->close();
  const auto table = read_back();
  const auto& ids = column<arrow::StringArray>(*table, "id");
  EXPECT_EQ(ids.GetString(0), "a-1");
  EXPECT_EQ(ids.GetString(1), "12");
  EXPECT_TRUE(ids.IsNull(2));
  const auto& status = column<arrow::StringArray>(*table, "status");
  EXPECT_EQ(status.GetString(1), "invalid_utf8");
  EXPECT_EQ(status.GetString(2), "malformed");
}

TEST_F(ParquetWriterTest, WritesATableWithoutRows) {
  open_parquet_writer(path_, two_scores())->close();
  const auto table = read_back();
  EXPECT_EQ(table->num_rows(), 0);
  EXPECT_THAT(table->ColumnNames(), ElementsAre("score_no", "score_yes", "status"));
}

TEST_F(ParquetWriterTest, SplitsRowGroupsWhateverTheCalls) {
  const std::vector<float> scores = {0.5f, 0.5f};
  std::string first_bytes;
  for (const std::size_t at_once : {1000u, 99'991u, 300'000u}) {
    const auto writer = open_parquet_writer(path_, two_scores());
    const std::vector<ScoreRow> rows(at_once, {{}, RowStatus::k_ok, false, scores});
    for (std::size_t left = 300'000; left > 0;) {
      const std::size_t count = std::min(left, at_once);
      writer->write(std::span(rows).first(count));
      left -= count;
    }
    writer->close();
    const auto footer = open_file()->parquet_reader()->metadata();
    ASSERT_EQ(footer->num_row_groups(), 3);
    EXPECT_EQ(footer->RowGroup(0)->num_rows(), static_cast<std::int64_t>(k_row_group_rows));
    EXPECT_EQ(footer->num_rows(), 300'000);
    const std::string bytes = read_file(path_);
    if (first_bytes.empty()) first_bytes = bytes;
    EXPECT_EQ(bytes, first_bytes);
  }
}

TEST_F(ParquetWriterTest, LeavesNothingBehindWithoutClose) {
  {
    const auto writer = open_parquet_writer(path_, two_scores());
    writer->write(std::vector<ScoreRow>(1));
    EXPECT_FALSE(fs::exists(path_));
  }
  EXPECT_EQ(file_count(), 0u);
}

TEST_F(ParquetWriterTest, SaysWhyItCannotWrite) {
  try {
    open_parquet_writer(folder_ / "missing" / "a.parquet", two_scores());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::k_output);
    EXPECT_THAT(error.what(), testing::HasSubstr("No such file"));
  }
}

TEST_F(ParquetWriterTest, RefusesTwoColumnsOfOneName) {
  ScoreSchema schema = two_scores();
  schema.has_ids = true;
  for (const char* name : {"status", "score_no"}) {
    schema.id_column = name;
    try {
      open_parquet_writer(path_, schema);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::k_usage);
    }
  }
}

// The limit on the size of files stands for a full disk: write() fails in the same place.
TEST_F(ParquetWriterTest, ThrowsWhenAWriteFails) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100'000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  {
    const auto writer = open_parquet_writer(path_, two_scores());
    std::vector<std::array<float, 2>> scores(2 * k_row_group_rows);
    std::vector<ScoreRow> rows;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      scores[i] = {static_cast<float>(i), 1.0f / static_cast<float>(i + 1)};
      rows.push_back({{}, RowStatus::k_ok, false, scores[i]});
    }
    for (const bool closing : {false, true}) {
      try {
        closing ? writer->close() : writer->write(rows);
        ADD_FAILURE();
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::k_output);
        EXPECT_THAT(error.what(), testing::HasSubstr("File too large"));
      }
    }
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(file_count(), 0u);
}

}  // namespace
}  // namespace hasten::data
