// Ids as the models of tokenizers 0.22.2 give them, through tokenizer.json.
#include "tokenizer/model.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tokenizer/tokenizer.h"

namespace hasten::tokenizer {
namespace {

using testing::ElementsAre;

class ModelTest : public testing::Test {
 protected:
  void load(const std::string& model) {
    tokenizer_ = Tokenizer::load({{"tokenizer.json", "{\"model\":" + model + "}"}}, "");
    scratch_ = tokenizer_->make_scratch();
  }

  std::vector<std::int32_t> ids(std::string_view text) {
    Encoding encoding;
    tokenizer_->encode(text, {}, {}, *scratch_, encoding);
    return encoding.ids;
  }

  std::unique_ptr<const Tokenizer> tokenizer_;
  std::unique_ptr<Scratch> scratch_;
};

std::string bpe(const char* options, const char* vocabulary, const char* merges) {
  return fmt::format(R"({{"type":"BPE",{}"vocab":{{{}}},"merges":[{}]}})", options, vocabulary,
                     merges);
}

constexpr const char* k_letters =
    R"("<unk>":0,"a":1,"b":2,"ab":3,"c":4,"abc":5,"<0xC3>":6,"<0xA9>":7)";

TEST_F(ModelTest, BpeMergesByRankAndLeftmostOnTies) {
  load(bpe(R"("unk_token":"<unk>",)", k_letters, R"("a b","ab c")"));
  EXPECT_THAT(ids("abc"), ElementsAre(5));
  EXPECT_THAT(ids("cab"), ElementsAre(4, 3));
  load(bpe("", R"("a":1,"aa":2,"aaa":3,"b":4,"ba":5)", R"(["a","a"],["aa","a"],["b","a"])"));
  EXPECT_THAT(ids("aaa"), ElementsAre(3));
  EXPECT_THAT(ids("aaaa"), ElementsAre(2, 2));
  EXPECT_THAT(ids("aaaaa"), ElementsAre(2, 3));
  EXPECT_THAT(ids("baa"), ElementsAre(4, 2));
}

TEST_F(ModelTest, LongWordsMergeAsShortOnesDo) {
  load(bpe("", R"("a":1,"aa":2,"aaa":3,"b":4,"ba":5)", R"("a a","aa a","b a")"));
  // 41 symbols take the queue.
  std::vector<std::int32_t> expected(19, 2);
  expected.push_back(3);
  EXPECT_EQ(ids(std::string(41, 'a')), expected);
}

TEST_F(ModelTest, BpeUnknownsStandAloneFuseOrVanish) {
  load(bpe(R"("unk_token":"<unk>",)", k_letters, R"("a b")"));
  EXPECT_THAT(ids("xyab"), ElementsAre(0, 0, 3));
  load(bpe(R"("unk_token":"<unk>","fuse_unk":true,)", k_letters, R"("a b")"));
  EXPECT_THAT(ids("xyab"), ElementsAre(0, 3));
  EXPECT_THAT(ids("xay"), ElementsAre(0, 1, 0));
  load(bpe(R"("unk_token":null,)", k_letters, R"("a b")"));
  EXPECT_THAT(ids("xayb"), ElementsAre(3));
}

TEST_F(ModelTest, BpeFallsBackToBytesBeforeWaitingUnknowns) {
  load(bpe(R"("unk_token":"<unk>","byte_fallback":true,)", k_letters, R"("a b")"));
  EXPECT_THAT(ids("a\u00e9b"), ElementsAre(1, 6, 7, 2));
  EXPECT_THAT(ids("\u00e8"), ElementsAre(0));
  EXPECT_THAT(ids("x\u00e9a"), ElementsAre(6, 7, 0, 1));
}

TEST_F(ModelTest, BpeIgnoresMergesForWholeTokensOnly) {
  load(bpe(R"("unk_token":"<unk>","ignore_merges":true,)", R"("<unk>":0,"abc":1,"a":2,"b":3,"c":4)",
           ""));
  EXPECT_THAT(ids("abc"), ElementsAre(1));
  EXPECT_THAT(ids("abca"), ElementsAre(2, 3, 4, 2));
}

TEST_F(ModelTest, BpeMarksInnerSymbolsAndTheLast) {
  load(bpe(
      R"("unk_token":"<unk>","continuing_subword_prefix":"##","end_of_word_suffix":"</w>",)",
      R"("<unk>":0,"a":1,"##b":2,"##c</w>":3,"ab":4,"abc</w>":5,"c</w>":6,"##b</w>":7,"ab</w>":8)",
      R"(["a","##b"],["ab","##c</w>"],["a","##b</w>"])"));
  EXPECT_THAT(ids("abc"), ElementsAre(5));
  EXPECT_THAT(ids("ab"), ElementsAre(8));
  EXPECT_THAT(ids("c"), ElementsAre(6));
  EXPECT_THAT(ids("ba"), ElementsAre(0, 0));
}

TEST_F(ModelTest, WordPieceTakesTheLongestAndGivesUpWholeWords) {
  load(R"({"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",)"
       R"("max_input_chars_per_word":8,)"
       R"("vocab":{"[UNK]":0,"un":1,"##aff":2,"##able":3,"##a":4,"una":5,"a":6}})");
  EXPECT_THAT(ids("unaff"), ElementsAre(0));  // "una" is longer than "un", and no way on from it
  EXPECT_THAT(ids("aaaaaaaa"), ElementsAre(6, 4, 4, 4, 4, 4, 4, 4));
  EXPECT_THAT(ids("aaaaaaaaa"), ElementsAre(0));
  EXPECT_THAT(ids("x"), ElementsAre(0));
}

constexpr const char* k_scored =
    R"([["<unk>",0],["a",-1],["b",-1],["ab",-2],["abc",-5],["c",-3.5],["<0xC3>",-9],["<0xA9>",-9],)"
    R"(["d",-1],["cd",-4.5]])";

TEST_F(ModelTest, UnigramTakesTheFirstOfEqualPathsAndFusesUnknowns) {
  load(fmt::format(R"({{"type":"Unigram","unk_id":0,"vocab":{}}})", k_scored));
  EXPECT_THAT(ids("ab"), ElementsAre(3));
  EXPECT_THAT(ids("abc"), ElementsAre(4));
  EXPECT_THAT(ids("xxab\u00e9x"), ElementsAre(0, 3, 0));
  EXPECT_THAT(ids("cd"), ElementsAre(9));
}

TEST_F(ModelTest, UnigramFallsBackToBytesForWholeUnknowns) {
  load(fmt::format(R"({{"type":"Unigram","unk_id":0,"byte_fallback":true,"vocab":{}}})", k_scored));
  EXPECT_THAT(ids("a\u00e9b"), ElementsAre(1, 6, 7, 2));
  EXPECT_THAT(ids("x\u00e9"), ElementsAre(0));
}

// The nearest doubles of both scores are the same, and the whole would win the tie.
TEST_F(ModelTest, UnigramScoresAreThoseOfSerde) {
  load(R"({"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["ab",-9.542124720198603],["b",0],)"
       R"(["a",-9.5421247201986027]]})");
  EXPECT_THAT(ids("ab"), ElementsAre(3, 2));
}

TEST_F(ModelTest, WordLevelKnowsWholePieces) {
  load(R"({"type":"WordLevel","unk_token":"[UNK]","vocab":{"[UNK]":0,"a":1}})");
  EXPECT_THAT(ids("a"), ElementsAre(1));
  EXPECT_THAT(ids("aa"), ElementsAre(0));
}

}  // namespace
}  // namespace hasten::tokenizer
