// Pieces as Split(Regex, "isolated") of tokenizers 0.22.2 cuts them.
#include "tokenizer/regex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hasten/error.h>

namespace hasten::tokenizer {
namespace {

using testing::ElementsAre;

constexpr const char* k_text = "aB\u00b2,\u00e9$\u212a\u4e2d 1\nab";

std::vector<std::string> split(const char* pattern) {
  const auto regex = Regex::compile({pattern, true});
  std::vector<std::string> out;
  const std::string_view text = k_text;
  for_each_match(*regex, text, [&](std::size_t begin, std::size_t end, bool) {
    if (begin < end) out.emplace_back(text.substr(begin, end - begin));
  });
  return out;
}

TEST(Regex, WordsInBracketsLackTheNumbersOfLatin1) {
  EXPECT_THAT(split(R"([\w']+)"),
              ElementsAre("aB", "\u00b2,", "\u00e9", "$", "\u212a\u4e2d", " ", "1", "\n", "ab"));
  EXPECT_THAT(split(R"(\w+)"),
              ElementsAre("aB\u00b2", ",", "\u00e9", "$", "\u212a\u4e2d", " ", "1", "\n", "ab"));
}

TEST(Regex, ClassesAreThoseOfUnicode) {
  EXPECT_THAT(split(R"([^\d]+)"), ElementsAre("aB\u00b2,\u00e9$\u212a\u4e2d ", "1", "\nab"));
  EXPECT_THAT(split(R"(\p{Lu})"),
              ElementsAre("a", "B", "\u00b2,\u00e9$", "\u212a", "\u4e2d 1\nab"));
  EXPECT_THAT(split(R"(\p{Uppercase_Letter})"), split(R"(\p{Lu})"));
  EXPECT_THAT(split(R"([\p{P}\p{S}])"),
              ElementsAre("aB\u00b2", ",", "\u00e9", "$", "\u212a\u4e2d 1\nab"));
  EXPECT_THAT(split(R"([[:punct:]]+)"), split(R"([\p{P}\p{S}])"));
  EXPECT_THAT(split(R"(\p{Han}+)"), ElementsAre("aB\u00b2,\u00e9$\u212a", "\u4e2d", " 1\nab"));
  EXPECT_THAT(split(R"(\h+)"), ElementsAre("aB", "\u00b2,\u00e9$\u212a\u4e2d ", "1", "\n", "ab"));
}

TEST(Regex, CaseAnchorsAndNumbersMeanTheSame) {
  EXPECT_THAT(split(R"((?i:k))"), ElementsAre("aB\u00b2,\u00e9$", "\u212a", "\u4e2d 1\nab"));
  EXPECT_THAT(split(R"(^a)"), ElementsAre("a", "B\u00b2,\u00e9$\u212a\u4e2d 1\n", "a", "b"));
  EXPECT_THAT(split(R"(\u00e9|\x61)"),
              ElementsAre("a", "B\u00b2,", "\u00e9", "$\u212a\u4e2d 1\n", "a", "b"));
  EXPECT_THAT(split(R"(1$)"), ElementsAre("aB\u00b2,\u00e9$\u212a\u4e2d ", "1", "\nab"));
}

TEST(Regex, EmptyMatchesCut) {
  EXPECT_THAT(split("a*"), ElementsAre("a", "B", "\u00b2", ",", "\u00e9", "$", "\u212a", "\u4e2d",
                                       " ", "1", "\n", "a", "b"));
}

TEST(Regex, WhatCannotRunInLinearTimeWithTheSameMeaningIsRefused) {
  for (const char* pattern :
       {"(?=a)b",  "(?<=a)b", "(?!a)b",  "a++",         "\\bbe\\b",    "(a)\\1",
        "[a[bc]]", "[a&&b]",  "(?i:ss)", "(?i:\\p{L})", "(?i:\u00e9)", "\\p{Klingon}",
        "^",       "^a*",     "a|^b",    "(a",          "a)",          "[a",
        "*a",      "a{,3}",   "a{2}?",   "\\x{41}",     "\\xE9",       "\\"}) {
    try {
      Regex::compile({pattern, true});
      ADD_FAILURE() << pattern;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::k_unsupported) << pattern;
    }
  }
}

TEST(Regex, ALongTextCostsLinearTime) {
  const auto regex = Regex::compile({"(?:a+)+b", true});
  const std::string text(1 << 18, 'a');
  Regex::Match match;
  EXPECT_FALSE(regex->find(text, 0, match));
}

}  // namespace
}  // namespace hasten::tokenizer
