#include "data/utf8.h"

#include <gmock/gmock.h>

#include <string>

namespace hasten::data {
namespace {

std::string repaired(std::string text) {
  repair_utf8(text);
  return text;
}

TEST(Utf8, LeavesWellFormedTextAlone) {
  std::string text("a\0b \u00E9 \u20AC \U0001F600 \uFFFD \uFFFF", 23);
  const std::string before = text;
  EXPECT_EQ(repair_utf8(text), 0u);
  EXPECT_EQ(text, before);
}

// The examples of tables 3-8 to 3-11 of the Unicode Standard.
TEST(Utf8, ReplacesMaximalSubparts) {
  EXPECT_EQ(repaired("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64"),
            "a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd");
  EXPECT_EQ(repaired("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"),
            "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDA");
  EXPECT_EQ(repaired("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"),
            "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDA");
  EXPECT_EQ(repaired("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"),
            "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"
            "A\uFFFD\uFFFD"
            "B");
  EXPECT_EQ(repaired("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), "\uFFFD\uFFFD\uFFFD\uFFFDA");
}

TEST(Utf8, ReplacesWhatIsCutAtTheEndOnce) {
  for (const char* cut : {"x\xC3", "x\xE2\x82", "x\xF0\x9F\x98"})
    EXPECT_EQ(repaired(cut), "x\uFFFD");
}

TEST(Utf8, CountsReplacements) {
  std::string text = "\xFF\xFE ok \x80";
  EXPECT_EQ(repair_utf8(text), 3u);
}

TEST(Utf8, AppendsEveryLength) {
  std::string text;
  for (const char32_t c : {U'a', U'\u00E9', U'\u20AC', U'\U0001F600', U'\U0010FFFF'})
    append_utf8(text, c);
  EXPECT_EQ(text, "a\u00E9\u20AC\U0001F600\U0010FFFF");
  EXPECT_TRUE(is_valid_utf8(text));
}

TEST(Utf8, KnowsBlankTexts) {
  for (const char* blank :
       {"", " ", "\t\r\n\v\f ", "\u00A0\u3000", "\u2028\u2029\u0085\u1680\u205F"}) {
    EXPECT_TRUE(is_blank(blank)) << blank;
  }
  for (const char* text : {"a", " a ", "\u200B", "\uFEFF", "\u00E9", "\u2603"}) {
    EXPECT_FALSE(is_blank(text)) << text;
  }
  EXPECT_FALSE(is_blank(std::string_view("\0", 1)));
}

}  // namespace
}  // namespace hasten::data
