#include "data/delimited_reader.h"

#include <hasten/error.h>

#include "data/test_rows.h"

namespace hasten::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using enum RowStatus;

std::vector<TextRow> rows(std::string_view bytes, const ReaderOptions& options = {}) {
  return rows_of(bytes, Format::k_csv, options);
}

std::string error_of(std::string_view bytes, const ReaderOptions& options = {}) {
  try {
    rows(bytes, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::k_bad_data);
    return error.what();
  }
  return "no error";
}

TEST(DelimitedReader, ReadsQuotedFields) {
  const auto found = rows(
      "id,text\r\n1,plain\r\n2,\"a, \"\"quoted\"\"\r\nfield\"\r\n3,\"\"\n4,ab\"c\n5,\"\"\"\"\n6, "
      "x ");
  EXPECT_THAT(texts_of(found),
              ElementsAre("plain", "a, \"quoted\"\r\nfield", "", "ab\"c", "\"", " x "));
  EXPECT_THAT(statuses_of(found), ElementsAre(k_ok, k_ok, k_empty, k_ok, k_ok, k_ok));
  EXPECT_EQ(found[2].problem, "line 5, byte 44: the text is blank");
}

TEST(DelimitedReader, TakesEveryLineEnd) {
  EXPECT_THAT(texts_of(rows("text\ra\r\nb\nc\rd")), ElementsAre("a", "b", "c", "d"));
}

TEST(DelimitedReader, KeepsCarriageReturnsWhereLineFeedsEndLines) {
  const auto found = rows("text\na\rb\r\n\"c\"\r\nd\r\r\n\re\n\"f\"\rg\n\r\nh\r");
  EXPECT_THAT(texts_of(found), ElementsAre("a\rb", "c", "d\r", "\re", "", "", "h"));
  EXPECT_THAT(statuses_of(found), ElementsAre(k_ok, k_ok, k_ok, k_ok, k_malformed, k_empty, k_ok));
}

TEST(DelimitedReader, TakesSemicolonsAndTabsWhereTheHeaderHasNoComma) {
  for (const std::string between : {";", "\t"}) {
    const auto found = rows("\"id, or so\"" + between + "text\n1" + between + "a, b\n2" + between +
                            "\"c" + between + "d\"\n3,x\n");
    EXPECT_THAT(texts_of(found), ElementsAre("a, b", "c" + between + "d", ""));
    EXPECT_THAT(statuses_of(found), ElementsAre(k_ok, k_ok, k_malformed));
  }
  EXPECT_THAT(texts_of(rows("\n\r\n\"i\nd\";text\r\n1;a\r\n")), ElementsAre("a"));
  EXPECT_THAT(texts_of(rows("id;text;a\tb\n1;x;2\n")), ElementsAre("x"));
  EXPECT_THAT(texts_of(rows("i;d,text\n1;2,a;b\n")), ElementsAre("a;b"));
  EXPECT_THAT(texts_of(rows("text\na;b\nc,d\n")), ElementsAre("a;b", ""));
  ReaderOptions options;
  options.text_column = "text;";
  EXPECT_THAT(texts_of(rows("\"text;\"\na;b\n", options)), ElementsAre("a;b"));
  EXPECT_THAT(rows("id;text"), IsEmpty());
}

TEST(DelimitedReader, SkipsLinesWithNothingInThem) {
  EXPECT_THAT(texts_of(rows("\n\nid,text\n\n1,a\n\r\n\n2,b\n\n")), ElementsAre("a", "b"));
  EXPECT_THAT(texts_of(rows("text\na\n\n\"\"\nb\n")), ElementsAre("a", "", "", "b"));
}

TEST(DelimitedReader, HasNoRowsBehindAHeaderAlone) {
  EXPECT_THAT(rows("id,text"), IsEmpty());
  EXPECT_THAT(rows("id,text\r\n"), IsEmpty());
}

TEST(DelimitedReader, MakesMalformedRowsOfWrongRecords) {
  ReaderOptions options;
  options.id_column = "id";
  const auto found = rows("id,text\n1,a\n2\n3,b,c\n4,\"d\" e\n5,f\n", options);
  EXPECT_THAT(statuses_of(found), ElementsAre(k_ok, k_malformed, k_malformed, k_malformed, k_ok));
  EXPECT_EQ(found[1].problem, "line 3, byte 12: 1 field where the header has 2");
  EXPECT_EQ(found[2].problem, "line 4, byte 14: 3 fields where the header has 2");
  EXPECT_THAT(found[3].problem,
              HasSubstr("line 5, byte 20: field 2 goes on after its closing quote"));
  EXPECT_EQ(found[3].id, RowId("4"));
  EXPECT_EQ(found[2].id, RowId());
  EXPECT_EQ(found[4].text, "f");
}

TEST(DelimitedReader, RefusesAQuoteThatIsNeverClosed) {
  for (const std::size_t block_bytes : {1u, 4u, 1000u}) {
    for (const std::size_t max_row_bytes : {10u, 1000u}) {
      ReaderOptions options;
      options.block_bytes = block_bytes;
      options.max_row_bytes = max_row_bytes;
      EXPECT_THAT(
          error_of("id,text\n1,a\n2,\"never closed\n3,b\n4,c\n", options),
          AllOf(HasSubstr("memory, line 3, byte 14: the quote that opens a field here is not "
                          "closed before the end of the input"),
                HasSubstr("(the quote belongs to the text"), HasSubstr("\nClose the quote"),
                HasSubstr("--no-quoting")));
    }
  }
  EXPECT_THAT(error_of("text,dropped\na,\"b"), HasSubstr("memory, line 2, byte 15: the quote"));
  EXPECT_THAT(error_of("text\n\"a\"\"\n"), HasSubstr("memory, line 2, byte 5: the quote"));
  EXPECT_EQ(error_of("text\n\"a\"\"\"\nb\"\n"), "no error");
}

TEST(DelimitedReader, TakesQuotesInsideFieldsOfTabsAsText) {
  const auto found = rows_of("id\ttext\n1\ta \"b\n2\tc \"d\" e\"\n", Format::k_tsv);
  EXPECT_THAT(texts_of(found), ElementsAre("a \"b", "c \"d\" e\""));
  EXPECT_THROW(rows_of("id\ttext\n1\t\"a\n2\tb\n", Format::k_tsv), Error);
}

TEST(DelimitedReader, TakesEveryQuoteAsTextWithoutQuoting) {
  for (const std::size_t block_bytes : {1u, 4u, 1000u}) {
    ReaderOptions options;
    options.quoting = false;
    options.block_bytes = block_bytes;
    const auto found = rows_of("id\ttext\n1\t\"a\r\n2\t\"b\" c\n3\t\"\"\"d\"\"\n4\t\"e\tf\"\n5\t\"",
                               Format::k_tsv, options);
    EXPECT_THAT(texts_of(found), ElementsAre("\"a", "\"b\" c", "\"\"\"d\"\"", "", "\""));
    EXPECT_THAT(statuses_of(found), ElementsAre(k_ok, k_ok, k_ok, k_malformed, k_ok));
    EXPECT_EQ(found[3].problem, "line 5, byte 31: 3 fields where the header has 2");
  }
  ReaderOptions options;
  options.quoting = false;
  options.text_column = "\"text\"";
  EXPECT_THAT(texts_of(rows("\"id;\"text\";\"\n1;\"a;\"\n", options)), ElementsAre("\"a"));
}

TEST(DelimitedReader, SaysWhichLinesAWronglyQuotedFieldHas) {
  const auto found = rows("text\n\"a\nb\n\"c\nd\n");
  EXPECT_THAT(statuses_of(found), ElementsAre(k_malformed, k_ok));
  EXPECT_THAT(found[0].problem, HasSubstr("after its closing quote (it is lines 2 to 4): "));
}

TEST(DelimitedReader, CountsLinesInsideFields) {
  const auto found = rows("text,x\n\"a\nb\nc\",1\nd\n");
  EXPECT_THAT(found[1].problem, HasSubstr("line 5, byte 17:"));
}

TEST(DelimitedReader, ReadsTabs) {
  const auto found = rows_of("id\ttext\n1\ta, b\n2\t\"tab\there\"\n", Format::k_tsv);
  EXPECT_THAT(texts_of(found), ElementsAre("a, b", "tab\there"));
}

TEST(DelimitedReader, GuessesTheTextColumn) {
  const auto text_column = [](std::string_view header) {
    return reader_of(header, Format::k_csv)->text_column();
  };
  EXPECT_EQ(text_column("id,TEXT"), "TEXT");
  EXPECT_EQ(text_column("content,Tweet,id"), "Tweet");
  EXPECT_EQ(text_column("id, review "), " review ");
  EXPECT_EQ(text_column("whatever"), "whatever");
  EXPECT_EQ(text_column("\xEF\xBB\xBFtext,id"), "text");
}

TEST(DelimitedReader, ReadsTheColumnsOfTheOptions) {
  ReaderOptions options;
  options.text_column = "b";
  options.pair_column = "a";
  options.id_column = "b";
  const auto found = rows("a,text,b\n1,2,3\n", options);
  EXPECT_EQ(found[0].text, "3");
  EXPECT_EQ(found[0].text_pair, "1");
  EXPECT_EQ(found[0].id, RowId("3"));
}

TEST(DelimitedReader, ReadsTheUsualIdWhenAsked) {
  ReaderOptions options;
  options.usual_id_column = true;
  const auto id_column = [&](std::string_view header) {
    return reader_of(header, Format::k_csv, options)->id_column();
  };
  EXPECT_EQ(id_column("id,text,Tweet_ID"), "Tweet_ID");
  EXPECT_EQ(id_column("text,id"), "id");
  EXPECT_EQ(id_column("text,number"), "");
  EXPECT_EQ(id_column("id"), "");
  EXPECT_EQ(rows("id,text\n007,a\n", options)[0].id, RowId("007"));
  EXPECT_EQ(rows("id,text\n007,a\n")[0].id, RowId());
}

TEST(DelimitedReader, ReadsTextPairWithoutBeingAsked) {
  EXPECT_EQ(rows("text,text_pair\na,b\n")[0].text_pair, "b");
}

TEST(DelimitedReader, SaysWhichColumnsThereAre) {
  ReaderOptions options;
  options.text_column = "txet";
  EXPECT_THAT(
      error_of("id,text,date\n", options),
      AllOf(HasSubstr("there is no column \"txet\""), HasSubstr("\"id\", \"text\", \"date\""),
            HasSubstr("Did you mean \"text\"?"), HasSubstr("memory")));
  EXPECT_THAT(error_of("a,b\n"), HasSubstr("no column has a usual name"));
  EXPECT_THAT(error_of("text,text\n"), HasSubstr("the column \"text\" is there twice"));
  EXPECT_THAT(error_of("Text,text\n"), HasSubstr("is there twice"));
  options.text_column = "text";
  EXPECT_THAT(error_of("text,text\n", options), HasSubstr("the column \"text\" is there twice"));
  EXPECT_EQ(error_of("text,a,a\nx,y,z\n", options), "no error");
}

TEST(DelimitedReader, NeedsAHeader) {
  EXPECT_THAT(error_of(""), HasSubstr("no header"));
  EXPECT_THAT(error_of("\xEF\xBB\xBF\n\n"), HasSubstr("no header"));
  EXPECT_THAT(error_of("id,\"text\n1,2\n"), HasSubstr("memory, line 1, byte 3: the quote"));
}

TEST(DelimitedReader, LimitsColumns) {
  EXPECT_THAT(error_of("text" + std::string(100'000, ',') + "\n"),
              HasSubstr("more than 100000 columns"));
  EXPECT_EQ(error_of("text" + std::string(99'999, ',') + "\n"), "no error");
}

TEST(DelimitedReader, RepairsInvalidUtf8) {
  ReaderOptions options;
  options.id_column = "id";
  const auto found = rows("id,text\n\xFF,a\xC3\n2,b\n", options);
  EXPECT_EQ(found[0].text, "a\uFFFD");
  EXPECT_EQ(found[0].id, RowId("\uFFFD"));
  EXPECT_THAT(statuses_of(found), ElementsAre(k_invalid_utf8, k_ok));
}

TEST(DelimitedReader, ReadsUtf16) {
  for (const bool big_endian : {false, true}) {
    EXPECT_THAT(texts_of(rows(utf16(u"id,text\r\n1,\"\u00E9\n\U0001F600\"\r\n", big_endian))),
                ElementsAre("\u00E9\n\U0001F600"));
  }
}

TEST(DelimitedReader, DropsRecordsThatAreTooLong) {
  for (const std::size_t block_bytes : {1u, 4u, 1000u}) {
    ReaderOptions options;
    options.block_bytes = block_bytes;
    options.max_row_bytes = 10;
    const auto found = rows("id,text\n1,0123456789\n2,\"01234\n56789\"\n3,b\n", options);
    EXPECT_THAT(statuses_of(found), ElementsAre(k_ok, k_malformed, k_ok));
    EXPECT_EQ(found[1].problem, "line 3, byte 21: the record is longer than 10 bytes");
    EXPECT_EQ(found[2].text, "b");
  }
}

}  // namespace
}  // namespace hasten::data
