#include "data/json_lines_reader.h"

#include "data/test_rows.h"

namespace hasten::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<TextRow> rows(std::string_view bytes, const ReaderOptions& options = {}) {
  return rows_of(bytes, Format::k_json_lines, options);
}

TEST(JsonLinesReader, ReadsObjectsAndStrings) {
  const auto found = rows(R"({"text": "one", "other": [1, {"text": "no"}]}
"two \u00e9\n\ud83d\ude00"
{"id": 3, "text_pair": "second", "text": "first"}
)");
  EXPECT_THAT(texts_of(found), ElementsAre("one", "two \u00E9\n\U0001F600", "first"));
  EXPECT_EQ(found[2].text_pair, "second");
  EXPECT_EQ(found[0].text_pair, std::nullopt);
  for (const TextRow& row : found) EXPECT_EQ(row.status, RowStatus::k_ok) << row.problem;
}

TEST(JsonLinesReader, MakesOneRowOfEveryLine) {
  const auto found = rows(
      "{\"text\": \"ok\"}\r\n\n  \n{\"text\": null}\nnull\n{\"text\": 12}\n{\"txt\": "
      "\"x\"}\n{\"text\": "
      "\"cut\n[1]\n{\"text\": \"a\"} {\"text\": \"b\"}\n{\"text\": NaN}\n{\"text\": "
      "\"\"}\n\"end\"");
  using enum RowStatus;
  EXPECT_THAT(statuses_of(found),
              ElementsAre(k_ok, k_malformed, k_malformed, k_null, k_null, k_malformed, k_malformed,
                          k_malformed, k_malformed, k_malformed, k_malformed, k_empty, k_ok));
  EXPECT_EQ(found[1].problem, "line 2, byte 16: a blank line, which is no JSON");
  EXPECT_THAT(found[3].problem, HasSubstr("line 4, byte 20: \"text\" is null"));
  EXPECT_THAT(found[5].problem, HasSubstr("\"text\" is a number, not a string"));
  EXPECT_THAT(found[6].problem, HasSubstr("there is no key \"text\": did you mean \"txt\"?"));
  EXPECT_THAT(found[7].problem, HasSubstr("not valid JSON"));
  EXPECT_THAT(found[8].problem, HasSubstr("an array instead of an object or a string"));
  EXPECT_EQ(found[12].text, "end");
  EXPECT_EQ(found[12].number, 13u);
}

TEST(JsonLinesReader, TakesTheKeysOfTheOptions) {
  ReaderOptions options;
  options.text_column = "message";
  options.pair_column = "reply";
  options.id_column = "id";
  const auto found = rows(R"({"id": -5, "message": "m", "reply": "r", "text": "t"}
{"id": "x", "message": "m", "reply": null}
{"id": 18446744073709551615, "message": "m"}
{"id": null, "message": "m"}
{"id": 1.5, "message": "m"}
{"message": "m"}
{"id": 7, "text": "t"}
{"id": 8, "message": "m", "reply": 1}
"plain")",
                          options);
  EXPECT_EQ(found[0].id, RowId(std::int64_t{-5}));
  EXPECT_EQ(found[0].text, "m");
  EXPECT_EQ(found[0].text_pair, "r");
  EXPECT_EQ(found[1].id, RowId("x"));
  EXPECT_EQ(found[1].text_pair, std::nullopt);
  EXPECT_EQ(found[2].id, RowId("18446744073709551615"));
  EXPECT_EQ(found[3].id, RowId());
  EXPECT_EQ(found[3].status, RowStatus::k_ok);
  EXPECT_THAT(found[4].problem, HasSubstr("the id \"id\" is a fraction"));
  EXPECT_THAT(found[5].problem, HasSubstr("there is no key \"id\""));
  EXPECT_THAT(found[6].problem, HasSubstr("there is no key \"message\""));
  EXPECT_EQ(found[6].id, RowId(std::int64_t{7}));
  EXPECT_THAT(found[7].problem, HasSubstr("\"reply\" is a number"));
  EXPECT_EQ(found[8].text, "plain");
}

TEST(JsonLinesReader, GuessesUsualKeys) {
  const auto reader = reader_of(
      "{\"n\": 1}\n{\"body\": \"b\", \"tweet\": \"t\"}\n{\"tweet\": \"u\"}", Format::k_json_lines);
  const auto found = read_all(*reader);
  EXPECT_THAT(texts_of(found), ElementsAre("", "t", "u"));
  EXPECT_EQ(found[0].status, RowStatus::k_malformed);
  EXPECT_EQ(reader->text_column(), "tweet");
}

TEST(JsonLinesReader, ChoosesAUsualIdByTheFirstLine) {
  ReaderOptions options;
  options.usual_id_column = true;
  options.block_bytes = 3;
  const auto reader = reader_of(
      "{\"id\": 1, \"text\": \"a\"}\n{\"text\": \"b\"}\n{\"id\": \"x\", "
      "\"text\": \"c\"}",
      Format::k_json_lines, options);
  EXPECT_EQ(reader->id_column(), "id");
  const auto found = read_all(*reader);
  EXPECT_THAT(texts_of(found), ElementsAre("a", "b", "c"));
  EXPECT_EQ(found[0].id, RowId(std::int64_t{1}));
  EXPECT_EQ(found[1].id, RowId());
  EXPECT_EQ(found[2].id, RowId("x"));
  EXPECT_EQ(reader_of("\"text\"\n{\"id\": 1}", Format::k_json_lines, options)->id_column(), "");
  EXPECT_EQ(reader_of("", Format::k_json_lines, options)->id_column(), "");
}

TEST(JsonLinesReader, TakesTheLastOfRepeatedKeys) {
  EXPECT_EQ(rows(R"({"text": "first", "text": "last"})")[0].text, "last");
}

TEST(JsonLinesReader, RepairsBytesAndLoneSurrogates) {
  const auto found = rows(
      "{\"text\": \"a\xFF\"}\n"
      R"({"text": "b\ud83d", "x": "\\ud83d"}
{"text": "\udE00\ud83d\ud83d\ude00 \\\ud800x"}
{"text": "\uZZZZ"})");
  EXPECT_THAT(texts_of(found),
              ElementsAre("a\uFFFD", "b\uFFFD", "\uFFFD\uFFFD\U0001F600 \\\uFFFDx", ""));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(found[i].status, RowStatus::k_invalid_utf8);
  EXPECT_EQ(found[0].problem, "line 1, byte 0: 1 malformed character replaced by U+FFFD");
  EXPECT_THAT(found[2].problem, HasSubstr("3 malformed characters replaced"));
  EXPECT_EQ(found[3].status, RowStatus::k_malformed);
}

TEST(JsonLinesReader, LimitsDepth) {
  std::string deep = "{\"text\": \"t\", \"x\": ";
  deep += std::string(100'000, '[') + std::string(100'000, ']') + "}\n\"next\"";
  const auto found = rows(deep);
  EXPECT_THAT(statuses_of(found), ElementsAre(RowStatus::k_malformed, RowStatus::k_ok));
}

TEST(JsonLinesReader, ReadsUtf16) {
  EXPECT_THAT(texts_of(rows(utf16(u"{\"text\": \"h\u00E9\"}\r\n\"\U0001F600\"", true))),
              ElementsAre("h\u00E9", "\U0001F600"));
}

}  // namespace
}  // namespace hasten::data
