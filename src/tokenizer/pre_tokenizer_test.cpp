// Pieces as the pre-tokenizers of tokenizers 0.22.2 cut them.
#include "tokenizer/pre_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

using testing::ElementsAre;
using Behavior = SplitBehavior;
using Scheme = Metaspace::Prepend;

std::vector<std::string> cut(const std::vector<PreTokenizerDefinition>& steps,
                             std::string_view text) {
  PreTokenizerScratch scratch;
  const Pieces& pieces =
      PreTokenizer(steps).apply(text, text.empty() ? 0 : utf8_length(text[0]), scratch);
  std::vector<std::string> out;
  for (const Pieces::Piece& piece : pieces.pieces) out.emplace_back(pieces.view(piece));
  return out;
}

std::vector<std::string> split_at_hyphens(Behavior behavior, bool invert) {
  return cut({Split{{"-", false}, behavior, invert}}, "-a--b-c-");
}

TEST(PreTokenizer, EverySplitBehaviorAndItsInverse) {
  EXPECT_THAT(split_at_hyphens(Behavior::k_removed, false), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split_at_hyphens(Behavior::k_removed, true), ElementsAre("-", "-", "-", "-", "-"));
  for (const bool invert : {false, true}) {
    EXPECT_THAT(split_at_hyphens(Behavior::k_isolated, invert),
                ElementsAre("-", "a", "-", "-", "b", "-", "c", "-"));
    EXPECT_THAT(split_at_hyphens(Behavior::k_contiguous, invert),
                ElementsAre("-", "a", "--", "b", "-", "c", "-"));
    // What is merged with the one before is, inverted, merged with the one after.
    EXPECT_THAT(
        split_at_hyphens(invert ? Behavior::k_merged_with_next : Behavior::k_merged_with_previous,
                         invert),
        ElementsAre("-", "a-", "-", "b-", "c-"));
    EXPECT_THAT(
        split_at_hyphens(invert ? Behavior::k_merged_with_previous : Behavior::k_merged_with_next,
                         invert),
        ElementsAre("-a", "-", "-b", "-c", "-"));
  }
}

TEST(PreTokenizer, DigitsAreNumbersOfEveryKind) {
  const char* text = "a12b\u00bd\u06633";
  EXPECT_THAT(cut({Digits{false}}, text), ElementsAre("a", "12", "b", "\u00bd\u06633"));
  EXPECT_THAT(cut({Digits{true}}, text), ElementsAre("a", "1", "2", "b", "\u00bd", "\u0663", "3"));
}

TEST(PreTokenizer, PunctuationWhitespaceDelimiterAndFixedLength) {
  EXPECT_THAT(cut({Punctuation{Behavior::k_merged_with_previous}}, "a,b!!c"),
              ElementsAre("a,", "b!", "!", "c"));
  EXPECT_THAT(cut({Whitespace{}}, "a_b, c!\u0301"), ElementsAre("a_b", ",", "c", "!", "\u0301"));
  EXPECT_THAT(cut({WhitespaceSplit{}}, " a\u3000b\x0b"), ElementsAre("a", "b"));
  EXPECT_THAT(cut({BertPreTokenizer{}}, "a,b $1"), ElementsAre("a", ",", "b", "$", "1"));
  EXPECT_THAT(cut({CharDelimiterSplit{U'x'}}, "axxbx"), ElementsAre("a", "b"));
  EXPECT_THAT(cut({FixedLength{2}}, "h\u00e9llo"), ElementsAre("h\u00e9", "ll", "o"));
}

TEST(PreTokenizer, UnicodeScriptsDropsWhatIsBeforeTheFirstScript) {
  EXPECT_THAT(cut({UnicodeScripts{}}, "  ab\u3042\u30ab\u4e2d\u30fc b\u0416"),
              ElementsAre("ab", "\u3042\u30ab\u4e2d\u30fc ", "b", "\u0416"));
  EXPECT_THAT(cut({UnicodeScripts{}}, "1 2"), ElementsAre("1 2"));
  EXPECT_THAT(cut({UnicodeScripts{}}, "  "), ElementsAre());
}

TEST(PreTokenizer, MetaspacePrependsByItsScheme) {
  const auto words = [](Scheme scheme, const char* text) {
    return cut({WhitespaceSplit{}, Metaspace{"_", scheme, true}}, text);
  };
  EXPECT_THAT(words(Scheme::k_always, "ab c"), ElementsAre("_ab", "_c"));
  EXPECT_THAT(words(Scheme::k_first, "ab c"), ElementsAre("_ab", "c"));
  EXPECT_THAT(words(Scheme::k_first, " ab c"), ElementsAre("ab", "c"));
  EXPECT_THAT(words(Scheme::k_never, "ab c"), ElementsAre("ab", "c"));
  EXPECT_THAT(words(Scheme::k_always, "_a"), ElementsAre("_a"));
  EXPECT_THAT(cut({Metaspace{"_", Scheme::k_first, true}}, "ab c"), ElementsAre("_ab", "_c"));
  EXPECT_THAT(cut({Metaspace{"_", Scheme::k_always, true}}, " a"), ElementsAre("_a"));
  EXPECT_THAT(cut({Metaspace{"_", Scheme::k_always, false}}, "ab c"), ElementsAre("_ab_c"));
  EXPECT_THAT(cut({Metaspace{"_", Scheme::k_never, false}}, "ab c"), ElementsAre("ab_c"));
}

TEST(PreTokenizer, ByteLevelPrependsASpaceAndSplitsAsGpt2) {
  const char* text = "h\u00e9 's  x";
  EXPECT_THAT(cut({ByteLevel{true, true}}, text),
              ElementsAre("\u0120h\u00c3\u00a9", "\u0120'", "s", "\u0120", "\u0120x"));
  EXPECT_THAT(cut({ByteLevel{false, false}}, text),
              ElementsAre("h\u00c3\u00a9\u0120's\u0120\u0120x"));
}

// An empty stretch stands between what matches, so that nothing is merged across it.
TEST(PreTokenizer, EmptyMatchesKeepTheirPlace) {
  EXPECT_THAT(cut({Split{{"a*", true}, Behavior::k_merged_with_previous, true}}, "ab-a"),
              ElementsAre("ab", "-", "a"));
  EXPECT_THAT(cut({Split{{"a*", true}, Behavior::k_merged_with_previous, false}}, "ab-a"),
              ElementsAre("a", "b", "-a"));
  EXPECT_THAT(cut({Split{{"a*", true}, Behavior::k_contiguous, false}}, "ab-a"),
              ElementsAre("a", "b", "-", "a"));
}

TEST(PreTokenizer, NothingMakesNoPieces) {
  EXPECT_THAT(cut({ByteLevel{}, Metaspace{}, Digits{}}, ""), ElementsAre());
}

}  // namespace
}  // namespace hasten::tokenizer
