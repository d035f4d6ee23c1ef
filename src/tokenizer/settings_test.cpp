// Special and added tokens as transformers 4.57.6 settles them.
#include "tokenizer/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tokenizer/tokenizer.h"

namespace hasten::tokenizer {
namespace {

using testing::Each;
using testing::ElementsAre;

// [PAD] to [MASK] are 0 to 4, a, b, mask and the brackets 5 to 9.
constexpr const char* k_vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nmask\n[\n]\n";

class SettingsTest : public testing::Test {
 protected:
  void load(const std::string& config, Files more = {}, const char* model_type = "bert") {
    more["vocab.txt"] = k_vocabulary;
    more["tokenizer_config.json"] = config;
    load_files(std::move(more), model_type);
  }
  void load_files(const Files& files, const char* model_type) {
    tokenizer_ = Tokenizer::load(files, model_type);
    scratch_ = tokenizer_->make_scratch();
  }
  const Encoding& encode(std::string_view text, std::optional<std::string_view> pair = {},
                         std::int64_t max_length = 0) {
    tokenizer_->encode(text, pair, {max_length, true}, *scratch_, encoding_);
    return encoding_;
  }

  std::unique_ptr<const Tokenizer> tokenizer_;
  std::unique_ptr<Scratch> scratch_;
  Encoding encoding_;
};

TEST_F(SettingsTest, NullTakesTheTokenOfARoleAway) {
  load("{}");
  EXPECT_THAT(encode("a [MASK]").ids, ElementsAre(2, 5, 4, 3));
  load(R"({"mask_token": null})");
  EXPECT_THAT(encode("a [MASK]").ids, ElementsAre(2, 5, 8, 7, 9, 3));
}

TEST_F(SettingsTest, SpecialTokensMayBeText) {
  load(R"({"split_special_tokens": true})");
  EXPECT_THAT(encode("a [MASK]").ids, ElementsAre(2, 5, 8, 7, 9, 3));
}

TEST_F(SettingsTest, RolesTakeTheFlagsOfAddedTokensDecoder) {
  load(
      R"({"added_tokens_decoder": {"4": {"content": "[MASK]", "lstrip": true, "special": true, "normalized": true}}})");
  EXPECT_THAT(encode("a [mask]").ids, ElementsAre(2, 5, 4, 3));
}

TEST_F(SettingsTest, SpecialTokensThatNeedNewIdsFollowTheAddedOnes) {
  load(
      R"({"added_tokens_decoder": {"10": {"content": "<x>"}}, "additional_special_tokens": ["<y>"]})");
  EXPECT_THAT(encode("<x><y>").ids, ElementsAre(2, 10, 11, 3));
}

TEST_F(SettingsTest, TheSpecialTokensOfATextKeepTheIdsOfTheSlowTokenizer) {
  load(
      R"({"added_tokens_decoder": {"30": {"content": "<x>", "special": true}}, "cls_token": "<x>"})");
  EXPECT_THAT(encode("a<x>").ids, ElementsAre(30, 5, 10, 3));
}

TEST_F(SettingsTest, OlderFilesCountWithoutADecoder) {
  const Files more = {{"added_tokens.json", R"({"<X>": 10, "AA": 11})"},
                      {"special_tokens_map.json", R"({"additional_special_tokens": ["<X>"]})"}};
  load("{}", more);
  EXPECT_THAT(encode("<X> aa").ids, ElementsAre(2, 10, 11, 3));
  EXPECT_THAT(encode("<x> aa").ids, ElementsAre(2, 1, 1, 1, 11, 3));
  load(R"({"added_tokens_decoder": {}})", more);
  EXPECT_THAT(encode("aa").ids, ElementsAre(2, 1, 3));
}

TEST_F(SettingsTest, ClassesWithoutTypesGiveNone) {
  load("{}", {}, "distilbert");
  EXPECT_THAT(encode("a", "b").type_ids, Each(0));
  load("{}");
  EXPECT_THAT(encode("a", "b").type_ids, ElementsAre(0, 0, 0, 1, 1));
}

TEST_F(SettingsTest, HerbertHasTenSpecialTokensMore) {
  load_files(
      {{"vocab.json",
        R"({"<s>":0,"</s>":1,"<pad>":2,"<unk>":3,"<mask>":4,"a</w>":5,"b</w>":6,"a":7,"ab</w>":8})"},
       {"merges.txt", "#version: 0.2\na b</w>\n"},
       {"tokenizer_config.json",
        R"({"tokenizer_class": "HerbertTokenizer", "truncation_side": "left"})"}},
      "bert");
  EXPECT_THAT(encode("a<special0>b<special9>").ids, ElementsAre(0, 5, 9, 6, 18, 1));
  EXPECT_THAT(encode("a b b", {}, 4).ids, ElementsAre(0, 6, 6, 1));
}

}  // namespace
}  // namespace hasten::tokenizer
