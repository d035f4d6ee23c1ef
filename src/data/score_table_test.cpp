#include "data/score_table.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace hasten::data {
namespace {

using testing::ElementsAre;

ScoreTable read(const std::string& content) {
  const auto path = std::filesystem::path(testing::TempDir()) / "scores.csv";
  std::ofstream(path, std::ios::binary) << content;
  ReaderOptions options;
  options.usual_id_column = true;
  return read_score_table(path, Format::k_csv, options);
}

TEST(ScoreTable, ReadsIdsTextsAndNumbers) {
  const ScoreTable table = read("tweet_id,text,score_a\n7,hello,0.5\nx,,1e-9\n");
  EXPECT_EQ(table.rows, 2u);
  EXPECT_THAT(table.ids, ElementsAre(RowId(std::string("7")), RowId(std::string("x"))));
  EXPECT_THAT(table.texts, ElementsAre("hello", ""));
  ASSERT_EQ(table.columns.size(), 1u);
  EXPECT_THAT(table.columns[0].values, ElementsAre(0.5, 1e-9));
}

// As pandas writes its index, where no column is the id's or the text's.
TEST(ScoreTable, TakesAColumnWithoutAName) {
  const ScoreTable table = read(",negative,positive\n0,0.25,0.75\n1,0.5,0.5\n");
  EXPECT_EQ(table.rows, 2u);
  EXPECT_TRUE(table.ids.empty());
  EXPECT_TRUE(table.texts.empty());
  ASSERT_EQ(table.columns.size(), 3u);
  EXPECT_THAT(table.columns[2].values, ElementsAre(0.75, 0.5));
}

}  // namespace
}  // namespace hasten::data
