#include "data/lines_reader.h"

#include "data/test_rows.h"

namespace hasten::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> texts(std::string_view bytes) {
  return texts_of(rows_of(bytes, Format::k_lines));
}

TEST(LinesReader, SplitsAtLineFeedsOnly) {
  EXPECT_THAT(texts("one\ntwo\r\nthree"), ElementsAre("one", "two", "three"));
  EXPECT_THAT(texts("a\u2028b\u2029c\u0085d\ve\ff\rg\n"),
              ElementsAre("a\u2028b\u2029c\u0085d\ve\ff\rg"));
}

TEST(LinesReader, HasNoRowAfterTheLastLineFeed) {
  EXPECT_THAT(texts(""), IsEmpty());
  EXPECT_THAT(texts("a\n"), ElementsAre("a"));
  EXPECT_THAT(texts("a\n\n"), ElementsAre("a", ""));
  EXPECT_THAT(texts("\n"), ElementsAre(""));
}

TEST(LinesReader, KeepsBlankLinesAsRows) {
  const auto rows = rows_of("a\n\n \t\n\r\nb\n", Format::k_lines);
  EXPECT_THAT(statuses_of(rows),
              ElementsAre(RowStatus::k_ok, RowStatus::k_empty, RowStatus::k_empty,
                          RowStatus::k_empty, RowStatus::k_ok));
  EXPECT_EQ(rows[2].text, " \t");
  EXPECT_EQ(rows[2].problem, "line 3, byte 3: the text is blank");
  EXPECT_EQ(rows[4].number, 5u);
  EXPECT_EQ(rows[4].problem, "");
}

TEST(LinesReader, KeepsNulCharacters) {
  EXPECT_THAT(texts(std::string_view("a\0b\n\0\n", 6)),
              ElementsAre(std::string("a\0b", 3), std::string("\0", 1)));
}

TEST(LinesReader, RepairsInvalidUtf8) {
  const auto rows = rows_of("fine\nbad \xC3( \xFF\n \xE2\x82\n", Format::k_lines);
  EXPECT_THAT(statuses_of(rows),
              ElementsAre(RowStatus::k_ok, RowStatus::k_invalid_utf8, RowStatus::k_invalid_utf8));
  EXPECT_EQ(rows[1].text, "bad \uFFFD( \uFFFD");
  EXPECT_EQ(rows[1].problem, "line 2, byte 5: 2 malformed UTF-8 sequences replaced by U+FFFD");
  EXPECT_EQ(rows[2].text, " \uFFFD");
}

TEST(LinesReader, DropsTheByteOrderMark) {
  EXPECT_THAT(texts("\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo"), ElementsAre("one", "\uFEFFtwo"));
  EXPECT_THAT(texts("\xEF\xBB\xBF"), IsEmpty());
  EXPECT_THAT(texts("\xEF\xBB"), ElementsAre("\uFFFD"));
  const auto rows = rows_of("\xEF\xBB\xBF\n", Format::k_lines);
  EXPECT_THAT(rows[0].problem, HasSubstr("line 1, byte 3:"));
}

TEST(LinesReader, TranscodesUtf16) {
  for (const bool big_endian : {false, true}) {
    const std::string bytes = utf16(u"h\u00E9llo \U0001F600\r\n\u4E2D\n\nlast", big_endian);
    EXPECT_THAT(texts(bytes), ElementsAre("h\u00E9llo \U0001F600", "\u4E2D", "", "last"));
    EXPECT_THAT(texts(utf16(u"", big_endian)), IsEmpty());
  }
}

TEST(LinesReader, TranscodesUtf16WithoutAMark) {
  for (const bool big_endian : {false, true}) {
    const std::string bytes = utf16(u"ab\u00E9 \U0001F600\r\n\u4E2D", big_endian).substr(2);
    EXPECT_THAT(texts(bytes), ElementsAre("ab\u00E9 \U0001F600", "\u4E2D"));
  }
  using namespace std::string_literals;
  for (const std::string& bytes :
       {"a"s, "a\0"s, "\0a"s, "a\0b"s, "ab\0\0"s, "\0\0\0\0"s, "a\0\0\0"s}) {
    EXPECT_THAT(texts(bytes), ElementsAre(bytes));
  }
}

TEST(LinesReader, SaysWhatIsWrongInUtf16) {
  for (const bool big_endian : {false, true}) {
    std::u16string text = u"a";
    text += static_cast<char16_t>(0xD83D);
    text += u"b\n";
    text += static_cast<char16_t>(0xDE00);
    text += static_cast<char16_t>(0xD83D);
    const auto rows = rows_of(utf16(text, big_endian) + "x", Format::k_lines);
    EXPECT_THAT(texts_of(rows), ElementsAre("a\uFFFDb", "\uFFFD\uFFFD\uFFFD"));
    EXPECT_EQ(rows[0].status, RowStatus::k_invalid_utf8);
    EXPECT_EQ(rows[1].problem, "line 2: 3 malformed UTF-8 sequences replaced by U+FFFD");
  }
}

TEST(LinesReader, DropsLinesThatAreTooLong) {
  for (const std::size_t block_bytes : {1u, 3u, 1000u}) {
    ReaderOptions options;
    options.block_bytes = block_bytes;
    options.max_row_bytes = 5;
    const auto rows =
        rows_of("12345\n123456\nabc\n1234567890123\nd\n9876543210", Format::k_lines, options);
    EXPECT_THAT(texts_of(rows), ElementsAre("12345", "", "abc", "", "d", ""));
    EXPECT_EQ(rows[1].status, RowStatus::k_malformed);
    EXPECT_EQ(rows[3].problem, "line 4, byte 17: the line is longer than 5 bytes");
    EXPECT_EQ(rows[5].status, RowStatus::k_malformed);
  }
}

TEST(LinesReader, ReadsALongLine) {
  const std::string line(5'000'000, 'x');
  ReaderOptions options;
  options.block_bytes = 1000;
  const auto rows = rows_of("a\n" + line + "\nb\n", Format::k_lines, options);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1].text, line);
  EXPECT_EQ(rows[2].text, "b");
}

}  // namespace
}  // namespace hasten::data
