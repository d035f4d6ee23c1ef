// Tokenizer files that are cut, wrong or hostile end in a typed error.
#include <gtest/gtest.h>
#include <hasten/error.h>

#include "tokenizer/tokenizer.h"

namespace hasten::tokenizer {
namespace {

constexpr const char* k_word_piece =
    R"({"normalizer":null,"pre_tokenizer":{"type":"BertPreTokenizer"},"model":{"type":"WordPiece",)"
    R"("unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,)"
    R"("vocab":{"[UNK]":0,"a":1,"##b":2}}})";

ErrorCode load_error(const std::string& json) {
  try {
    Tokenizer::load({{"tokenizer.json", json}}, "");
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::k_internal;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(ForgedTokenizerFiles, TheWholeFileLoads) {
  const auto tokenizer = Tokenizer::load({{"tokenizer.json", k_word_piece}}, "");
  const auto scratch = tokenizer->make_scratch();
  Encoding encoding;
  tokenizer->encode("ab abb c", {}, {}, *scratch, encoding);
  EXPECT_EQ(encoding.ids, (std::vector<std::int32_t>{1, 2, 1, 2, 2, 0}));
}

TEST(ForgedTokenizerFiles, EveryTruncationIsMalformed) {
  const std::string whole = k_word_piece;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(load_error(whole.substr(0, length)), ErrorCode::k_malformed) << length;
  }
}

TEST(ForgedTokenizerFiles, WrongValuesAreMalformed) {
  EXPECT_EQ(load_error(replaced(k_word_piece, "\"a\":1", "\"a\":-1")), ErrorCode::k_malformed);
  EXPECT_EQ(load_error(replaced(k_word_piece, "\"a\":1", "\"a\":4294967296")),
            ErrorCode::k_malformed);
  EXPECT_EQ(load_error(replaced(k_word_piece, "\"[UNK]\":0,", "")), ErrorCode::k_malformed);
  EXPECT_EQ(load_error(replaced(
                k_word_piece, "\"normalizer\":null",
                R"("normalizer":{"type":"Precompiled","precompiled_charsmap":"/////w=="})")),
            ErrorCode::k_malformed);
}

TEST(ForgedTokenizerFiles, WhatCannotBeRunIsUnsupported) {
  EXPECT_EQ(load_error(replaced(k_word_piece, "BertPreTokenizer", "SplitAtTheMoon")),
            ErrorCode::k_unsupported);
  EXPECT_EQ(load_error(replaced(
                k_word_piece, "\"normalizer\":null",
                R"json("normalizer":{"type":"Replace","pattern":{"Regex":"(a+)+(?=b)"},"content":""})json")),
            ErrorCode::k_unsupported);
}

TEST(ForgedTokenizerFiles, DamagedSentencepieceModelsAreMalformed) {
  for (const std::string model : {"", "\x0A\xFF\xFF\xFF\xFF\x0F", "not a model"}) {
    try {
      Tokenizer::load({{"spm.model", model}}, "deberta-v2");
      ADD_FAILURE() << model;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::k_malformed) << model;
    }
  }
}

}  // namespace
}  // namespace hasten::tokenizer
