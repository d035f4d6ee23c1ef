// Added tokens as tokenizers 0.22.2 finds them, through tokenizer.json.
#include "tokenizer/added_tokens.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hasten/error.h>

#include "tokenizer/tokenizer.h"

namespace hasten::tokenizer {
namespace {

using testing::ElementsAre;

class AddedTokensTest : public testing::Test {
 protected:
  // The words a, b, c and ab are 1 to 4, others 0; the first new token is 5.
  void load(const std::string& tokens, const char* normalizer = "null") {
    const std::string json = fmt::format(
        R"({{"added_tokens":[{}],"normalizer":{},"pre_tokenizer":{{"type":"WhitespaceSplit"}},)"
        R"("model":{{"type":"WordLevel","unk_token":"[UNK]",)"
        R"("vocab":{{"[UNK]":0,"a":1,"b":2,"c":3,"ab":4}}}}}})",
        tokens, normalizer);
    tokenizer_ = Tokenizer::load({{"tokenizer.json", json}}, "");
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

std::string token(const char* content, const char* flags = "") {
  return fmt::format(R"({{"id":77,"content":"{}","normalized":false{}}})", content, flags);
}

TEST_F(AddedTokensTest, TheLeftmostThenLongestIsTaken) {
  load(token("[S]") + "," + token("[S]x") + "," + token("a") + "," + token("new"));
  EXPECT_THAT(ids("b[S]xc"), ElementsAre(2, 6, 3));
  EXPECT_THAT(ids("b[S]c"), ElementsAre(2, 5, 3));
  EXPECT_THAT(ids("bac"), ElementsAre(2, 1, 3));
  EXPECT_THAT(ids("[s]"), ElementsAre(0));
  EXPECT_THAT(ids("new[S]new"), ElementsAre(7, 5, 7));
}

TEST_F(AddedTokensTest, SingleWordsStandAlone) {
  load(token("w", R"(,"single_word":true)"));
  EXPECT_THAT(ids(" w "), ElementsAre(5));
  EXPECT_THAT(ids("w."), ElementsAre(5, 0));
  for (const char* text : {"aw", "_w", "w\u00e9"}) EXPECT_THAT(ids(text), ElementsAre(0)) << text;
}

TEST_F(AddedTokensTest, StrippingTakesWhiteSpaceAlong) {
  load(token("<m>", R"(,"lstrip":true)") + "," + token("<n>", R"(,"rstrip":true)"));
  EXPECT_THAT(ids("a \u3000<m> b"), ElementsAre(1, 5, 2));
  EXPECT_THAT(ids("<n> <m>b"), ElementsAre(6, 5, 2));
}

TEST_F(AddedTokensTest, WhiteSpaceThatIsATokenItselfIsFoundAgain) {
  load(token("<n>", R"(,"rstrip":true)") + "," + token(" ") + "," +
       token("_", R"(,"lstrip":true,"rstrip":true)"));
  EXPECT_THAT(ids("<n>  b"), ElementsAre(5, 6, 6, 2));
  load(token(" ", R"(,"lstrip":true,"rstrip":true)"));
  EXPECT_THAT(ids("a  b"), ElementsAre(1, 5, 2));
  EXPECT_THAT(ids("   "), ElementsAre(5));
  load(token("<n>", R"(,"rstrip":true)") + "," + token(" ", R"(,"lstrip":true)"));
  EXPECT_THAT(ids("<n> b"), ElementsAre(5, 2));
}

TEST_F(AddedTokensTest, NormalizedOnesAreFoundInNormalizedText) {
  constexpr const char* k_lowercase = R"({"type":"Lowercase"})";
  load(R"({"id":5,"content":"Ab","normalized":true})", k_lowercase);
  for (const char* text : {"ab", "AB", "Ab"}) EXPECT_THAT(ids(text), ElementsAre(5)) << text;
  load(token("Ab"), k_lowercase);
  EXPECT_THAT(ids("xABy"), ElementsAre(0));
  EXPECT_THAT(ids("xAby"), ElementsAre(0, 5, 0));
}

TEST_F(AddedTokensTest, IdsInTheFileDoNotCount) {
  load(token("q") + "," + token("q", R"(,"special":true)") + "," + token("r"));
  EXPECT_THAT(ids("q r"), ElementsAre(5, 6));
}

TEST_F(AddedTokensTest, OneThatItsNormalizersDeleteIsRefused) {
  try {
    load(R"({"id":5,"content":" ","normalized":true})",
         R"({"type":"Strip","strip_left":true,"strip_right":true})");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::k_unsupported);
  }
}

}  // namespace
}  // namespace hasten::tokenizer
