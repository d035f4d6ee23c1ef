#include "data/filtering_reader.h"

#include <gmock/gmock.h>
#include <hasten/error.h>

#include "data/test_rows.h"

namespace hasten::data {
namespace {

using testing::ElementsAre;

std::vector<TextRow> filtered(std::string_view bytes, Format format,
                              const std::vector<std::string>& conditions, std::size_t at_most = 2) {
  std::vector<RowFilter> filters;
  ReaderOptions options;
  options.copied_columns = {"kept"};
  for (const std::string& condition : conditions) {
    filters.push_back(parse_filter(condition));
    options.copied_columns.push_back(filters.back().column);
  }
  const auto reader = filter_rows(reader_of(bytes, format, options), filters);
  return read_all(*reader, at_most);
}

constexpr const char* k_table =
    "text,kept,country,score\n"
    "a,1,us,5\nb,2,mx,5\nc,3,us,6\nd,4,,5\n";

TEST(FilteringReader, HandsOnRowsThatMeetAllConditions) {
  EXPECT_THAT(texts_of(filtered(k_table, Format::k_csv, {"country=us"})), ElementsAre("a", "c"));
  EXPECT_THAT(texts_of(filtered(k_table, Format::k_csv, {"country=us", "score!=6"})),
              ElementsAre("a"));
  EXPECT_THAT(texts_of(filtered(k_table, Format::k_csv, {"country!=us"})), ElementsAre("b", "d"));
  EXPECT_THAT(texts_of(filtered(k_table, Format::k_csv, {"text=b"})), ElementsAre("b"));
}

TEST(FilteringReader, KeepsTheColumnsThatWereAskedForAndNoOther) {
  for (const TextRow& row : filtered(k_table, Format::k_csv, {"country=us", "score=5"})) {
    EXPECT_THAT(row.copied, ElementsAre(Cell(std::string("1"))));
  }
}

// A caller takes a read without rows for the end.
TEST(FilteringReader, ReadsOnWhereNoRowPasses) {
  std::string bytes = "text,kept,n\n";
  for (int i = 0; i < 1000; ++i) bytes += "x,0," + std::to_string(i) + "\n";
  const auto rows = filtered(bytes, Format::k_csv, {"n=998"}, 3);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].number, 999u);  // of the input's
}

TEST(FilteringReader, HandsOnRowsThatNobodyCanRead) {
  const auto rows = filtered(
      "{\"text\": \"a\", \"kept\": 1, \"n\": 1}\n{\"text\": \n"
      "{\"text\": \"c\", \"kept\": 1, \"n\": 2}\n",
      Format::k_json_lines, {"n=2"});
  EXPECT_THAT(statuses_of(rows), ElementsAre(RowStatus::k_malformed, RowStatus::k_ok));
}

TEST(FilteringReader, ReadsConditions) {
  const RowFilter equal = parse_filter("a=b=c");
  EXPECT_EQ(equal.column, "a");
  EXPECT_EQ(equal.value, "b=c");
  EXPECT_TRUE(equal.equal);
  const RowFilter different = parse_filter("a!=");
  EXPECT_EQ(different.column, "a");
  EXPECT_EQ(different.value, "");
  EXPECT_FALSE(different.equal);
  for (const char* wrong : {"", "a", "=a", "!=a"}) EXPECT_THROW(parse_filter(wrong), Error);
}

}  // namespace
}  // namespace hasten::data
