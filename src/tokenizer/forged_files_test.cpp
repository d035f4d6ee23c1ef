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
  EXPECT_EQ(
      load_error(replaced(
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

// A vocabulary without an unknown token has no id for most words; they are kept as such.
TEST(ForgedTokenizerFiles, WordsMayHaveNoIds) {
  const auto tokenizer = Tokenizer::load(
      {{"tokenizer.json",
        R"({"pre_tokenizer":{"type":"Whitespace"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}})"}},
      "");
  const auto scratch = tokenizer->make_scratch();
  Encoding encoding;
  for (int round = 0; round < 2; ++round) {
    tokenizer->encode("b a b b", {}, {}, *scratch, encoding);
    EXPECT_EQ(encoding.ids, std::vector<std::int32_t>{0});
  }
}

// One byte after the other replaced: a typed error or a tokenizer, nothing else.
TEST(ForgedTokenizerFiles, AnyByteMayBeWrong) {
  const std::string whole =
      R"({"added_tokens":[{"content":"[X]","normalized":true}],"normalizer":{"type":"Sequence","normalizers":[)"
      R"({"type":"Replace","pattern":{"Regex":"[^a-c]{2,}|\\."},"content":" "},{"type":"NFKC"}]},)"
      R"("pre_tokenizer":{"type":"Metaspace","replacement":"_","prepend_scheme":"first"},)"
      R"("post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"[X]","type_id":0}},)"
      R"({"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{"[X]":{"ids":[3]}}},)"
      R"("model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",-1.5e1],["a",-2],["_a",-0.25]]}})";
  ASSERT_NO_THROW(Tokenizer::load({{"tokenizer.json", whole}}, ""));
  int loaded = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : {'0', '"', ']', '\\', '\xFF'}) {
      std::string forged = whole;
      forged[at] = byte;
      try {
        const auto tokenizer = Tokenizer::load({{"tokenizer.json", forged}}, "");
        const auto scratch = tokenizer->make_scratch();
        Encoding encoding;
        tokenizer->encode("a b [X]", "a", {}, *scratch, encoding);
        ++loaded;
      } catch (const Error& error) {
        EXPECT_TRUE(error.code() == ErrorCode::k_malformed ||
                    error.code() == ErrorCode::k_unsupported ||
                    error.code() == ErrorCode::k_not_found)
            << forged << error.what();
      }
    }
  }
  EXPECT_GT(loaded, 100);
}

std::string unigram(const char* fields) {
  return std::string(R"({"model":{"type":"Unigram",)") + fields + "}}";
}

TEST(ForgedTokenizerFiles, WrongUnigramsAreMalformed) {
  for (const char* fields :
       {R"("unk_id":5,"vocab":[["a",0]])", R"("unk_id":-1,"vocab":[["a",0]])",
        R"("unk_id":0,"vocab":[])", R"("unk_id":0,"vocab":{"a":0})",
        R"("unk_id":0,"vocab":[["a"]])", R"("unk_id":0,"vocab":[["a",0,1]])",
        R"("unk_id":0,"vocab":[["a","0"]])", R"("unk_id":0,"vocab":[[0,"a"]])",
        R"("unk_id":0,"vocab":[["a",1e999]])", R"("unk_id":0,"vocab":[["a",01]])",
        R"("unk_id":0.5,"vocab":[["a",0]])", R"("unk_id":0)"}) {
    EXPECT_EQ(load_error(unigram(fields)), ErrorCode::k_malformed) << fields;
  }
  EXPECT_EQ(load_error(unigram(R"("unk_id":null,"vocab":[["a",0]])")), ErrorCode::k_unsupported);
}

TEST(ForgedTokenizerFiles, WrongMergesAreMalformed) {
  const auto bpe = [](const char* merges) {
    return std::string(R"({"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":)") +
           merges + "}}";
  };
  ASSERT_NO_THROW(Tokenizer::load({{"tokenizer.json", bpe(R"(["a b"])")}}, ""));
  for (const char* merges : {R"(["a c"])", R"(["b a"])", R"(["ab"])", R"([["a"]])",
                             R"([["a","b","c"]])", R"([1])", R"({"a":"b"})", R"("a b")"}) {
    EXPECT_EQ(load_error(bpe(merges)), ErrorCode::k_malformed) << merges;
  }
  EXPECT_EQ(load_error(replaced(bpe(R"(["a b"])"), "\"vocab\"", "\"dropout\":0.1,\"vocab\"")),
            ErrorCode::k_unsupported);
}

TEST(ForgedTokenizerFiles, NestingAndRepetitionHaveAnEnd) {
  std::string nested;
  for (int i = 0; i < 2000; ++i) nested += R"({"type":"Sequence","normalizers":[)";
  EXPECT_EQ(load_error(replaced(k_word_piece, "\"normalizer\":null", "\"normalizer\":" + nested)),
            ErrorCode::k_malformed);
  const std::string regex =
      R"json("normalizer":{"type":"Replace","pattern":{"Regex":"((a{1,1000}){1,1000}){1,1000}"},"content":""})json";
  EXPECT_EQ(load_error(replaced(k_word_piece, "\"normalizer\":null", regex)),
            ErrorCode::k_unsupported);
}

// ModelProto of three pieces, by hand: field 1 is a piece (1: text, 2: score, 3: type), field 2 the
// trainer's settings (3: the kind, 40: the unknown id), field 3 the normalizer (2: the charsmap).
std::string sentencepiece_model() {
  const auto piece = [](std::string text, char type) {
    const std::string body = std::string("\x0A") + static_cast<char>(text.size()) + text +
                             std::string("\x15\x00\x00\x80\xBF", 5) + "\x18" + type;
    return std::string("\x0A") + static_cast<char>(body.size()) + body;
  };
  return piece("<unk>", '\x02') + piece("\u2581a", '\x01') + piece("b", '\x01') +
         piece("<s>", '\x03') + std::string("\x12\x02\x18\x01\x1A\0", 6);
}

TEST(ForgedTokenizerFiles, SentencepieceModelsCutOrWithAnyByteWrong) {
  const std::string whole = sentencepiece_model();
  const auto load = [](const std::string& model) {
    const auto tokenizer = Tokenizer::load({{"spm.model", model}}, "deberta-v2");
    const auto scratch = tokenizer->make_scratch();
    Encoding encoding;
    tokenizer->encode("a b <s>", {}, {}, *scratch, encoding);
  };
  ASSERT_NO_THROW(load(whole));
  const auto expect_typed = [&](const std::string& model, std::size_t at) {
    try {
      load(model);
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == ErrorCode::k_malformed ||
                  error.code() == ErrorCode::k_unsupported)
          << at << " " << error.what();
    }
  };
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_THROW(load(whole.substr(0, length)), Error) << length;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int byte : {0, 1, 2, 5, 8, 10, 16, 18, 24, 26, 64, 127, 128, 200, 255}) {
      std::string forged = whole;
      forged[at] = static_cast<char>(byte);
      expect_typed(forged, at);
    }
  }
}

}  // namespace
}  // namespace hasten::tokenizer
