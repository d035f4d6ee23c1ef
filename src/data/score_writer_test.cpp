#include "data/score_writer.h"

#include <gmock/gmock.h>
#include <hasten/error.h>

#include <cmath>
#include <limits>

#include "base/mapped_file.h"
#include "data/test_folder.h"
#include "data/test_rows.h"

namespace hasten::data {
namespace {

namespace fs = std::filesystem;
using enum RowStatus;

class ScoreWriterTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    schema_.has_ids = true;
    schema_.id_column = "tweet,id";
    schema_.score_columns = {"score_no", "score_\u2028"};
  }

  std::string written(Format format) const {
    constexpr float k_nan = std::numeric_limits<float>::quiet_NaN();
    constexpr float k_infinity = std::numeric_limits<float>::infinity();
    const std::vector<float> plain = {0.1f, 1e-10f};
    const std::vector<float> odd = {k_nan, -k_infinity};
    const std::vector<ScoreRow> rows = {{std::int64_t{-5}, k_ok, false, plain},
                                        {std::string("a \"b\"\n\t"), k_empty, true, plain},
                                        {std::string(), k_ok, true, odd, {}, true},
                                        {{}, k_malformed, false, {}}};
    const fs::path path = folder_ / "out";
    const auto writer = open_score_writer(path, format, schema_);
    writer->write(std::span(rows).first(1));
    writer->write(std::span(rows).subspan(1));
    EXPECT_FALSE(fs::exists(path));
    writer->close();
    return read_file(path);
  }

  static ErrorCode code_of(const fs::path& path, Format format, const ScoreSchema& schema) {
    try {
      open_score_writer(path, format, schema);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::k_internal;
  }

  ScoreSchema schema_;
};

TEST_F(ScoreWriterTest, WritesCsv) {
  EXPECT_EQ(written(Format::k_csv),
            "\"tweet,id\",score_no,score_\u2028,status\n"
            "-5,0.1,1e-10,ok\n"
            "\"a \"\"b\"\"\n\t\",0.1,1e-10,empty\n"
            "\"\",NaN,-Infinity,nonfinite\n"
            ",,,malformed\n");
}

TEST_F(ScoreWriterTest, WritesTsv) {
  EXPECT_EQ(written(Format::k_tsv),
            "tweet,id\tscore_no\tscore_\u2028\tstatus\n"
            "-5\t0.1\t1e-10\tok\n"
            "\"a \"\"b\"\"\n\t\"\t0.1\t1e-10\tempty\n"
            "\"\"\tNaN\t-Infinity\tnonfinite\n"
            "\t\t\tmalformed\n");
}

TEST_F(ScoreWriterTest, WritesJsonLines) {
  EXPECT_EQ(
      written(Format::k_json_lines),
      R"({"tweet,id": -5, "score_no": 0.1, "score_\u2028": 1e-10, "status": "ok"})"
      "\n"
      R"({"tweet,id": "a \"b\"\n\t", "score_no": 0.1, "score_\u2028": 1e-10, "status": "empty"})"
      "\n"
      R"({"tweet,id": "", "score_no": "NaN", "score_\u2028": "-Infinity", "status": "nonfinite"})"
      "\n"
      R"({"tweet,id": null, "score_no": null, "score_\u2028": null, "status": "malformed"})"
      "\n");
}

// What is written as CSV is read back by the reader of CSV.
TEST_F(ScoreWriterTest, WritesWhatTheReaderReads) {
  ReaderOptions options;
  options.text_column = "tweet,id";
  const auto texts = texts_of(rows_of(written(Format::k_csv), Format::k_csv, options));
  EXPECT_THAT(texts, testing::ElementsAre("-5", "a \"b\"\n\t", "", ""));
}

TEST_F(ScoreWriterTest, WritesManyRows) {
  const std::vector<float> scores = {0.25f, 0.75f};
  const fs::path path = folder_ / "many.csv";
  const auto writer = open_score_writer(path, Format::k_csv, schema_);
  writer->write(std::vector<ScoreRow>(100'000, {std::int64_t{7}, k_ok, false, scores}));
  writer->close();
  const std::string text = read_file(path);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 100'001);
  EXPECT_TRUE(text.ends_with("\n7,0.25,0.75,ok\n"));
}

TEST_F(ScoreWriterTest, LeavesNothingBehindWithoutClose) {
  open_score_writer(folder_ / "out.csv", Format::k_csv, schema_)->write({});
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(ScoreWriterTest, RefusesRowsOfAnotherTable) {
  const std::vector<float> one = {0.5f};
  for (const Format format : {Format::k_csv, Format::k_json_lines}) {
    const auto writer = open_score_writer(folder_ / "out", format, schema_);
    EXPECT_THROW(writer->write(std::vector<ScoreRow>(1, {{}, k_ok, false, one})), Error);
  }
}

TEST_F(ScoreWriterTest, RefusesWhatItCannotWrite) {
  EXPECT_EQ(code_of(folder_ / "a.txt", Format::k_lines, schema_), ErrorCode::k_usage);
  EXPECT_EQ(code_of(folder_ / "a.csv.gz", Format::k_csv, schema_), ErrorCode::k_usage);
  EXPECT_EQ(code_of(folder_ / "none" / "a.csv", Format::k_csv, schema_), ErrorCode::k_output);
  ScoreSchema twice = schema_;
  twice.score_columns = {"status"};
  EXPECT_EQ(code_of(folder_ / "a.csv", Format::k_csv, twice), ErrorCode::k_usage);
}

TEST(StatusText, NamesWhatMattersMost) {
  const std::vector<float> fine = {1.0f};
  EXPECT_STREQ(status_text({{}, k_ok, false, fine}), "ok");
  EXPECT_STREQ(status_text({{}, k_ok, true, fine}), "truncated");
  EXPECT_STREQ(status_text({{}, k_invalid_utf8, true, fine}), "invalid_utf8");
  EXPECT_STREQ(status_text({{}, k_null, false, {}}), "null");
  EXPECT_STREQ(status_text({{}, k_ok, true, fine, {}, true}), "nonfinite");
}

}  // namespace
}  // namespace hasten::data
