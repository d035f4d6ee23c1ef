#include <hasten/tokenize.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hasten/error.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace hasten {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

// A folder of its own for each test.
class TokenizeTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const char* name, const char* content) { std::ofstream(folder_ / name) << content; }
  void write_bert() {
    write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nworld\n##s\n");
    write("config.json", R"({"model_type": "bert"})");
  }

  fs::path folder_;
};

TEST_F(TokenizeTest, AFolderOfTokenizerFilesIsEnough) {
  write_bert();
  const auto tokenizer = TextTokenizer::open(folder_, {});
  TextRow row;
  row.text = "Hello worlds";
  const Tokens tokens = tokenizer->tokenize(row);
  EXPECT_THAT(tokens.tokens, ElementsAre("[CLS]", "hello", "world", "##s", "[SEP]"));
  EXPECT_THAT(tokens.ids, ElementsAre(2, 5, 6, 7, 3));
  EXPECT_EQ(tokenizer->vocabulary_size(), 8);
  EXPECT_EQ(tokenizer->token(7), "##s");
}

TEST_F(TokenizeTest, EncodersGiveIdsTypesAndWhatWasWrong) {
  write_bert();
  const auto tokenizer = TextTokenizer::open(folder_, 6);
  const auto encoder = tokenizer->make_encoder();
  EncodedText encoded;
  encoder->encode("hello", "world", encoded);
  EXPECT_THAT(encoded.ids, ElementsAre(2, 5, 3, 6, 3));
  EXPECT_THAT(encoded.type_ids, ElementsAre(0, 0, 0, 1, 1));
  EXPECT_FALSE(encoded.truncated);
  encoder->encode("hello hello hello hello hello", {}, encoded);
  EXPECT_EQ(encoded.ids.size(), 6u);
  EXPECT_TRUE(encoded.truncated);
  encoder->encode("hello\xFF", {}, encoded);
  EXPECT_THAT(encoded.ids, ElementsAre(2, 5, 3));
  EXPECT_EQ(encoded.invalid_bytes, 1u);
}

TEST_F(TokenizeTest, ThreadsEncodeAtOnce) {
  write_bert();
  const auto tokenizer = TextTokenizer::open(folder_, {});
  std::vector<EncodedText> results(4);
  {
    std::vector<std::jthread> threads;
    for (EncodedText& result : results) {
      threads.emplace_back([&] {
        const auto encoder = tokenizer->make_encoder();
        for (int i = 0; i < 1000; ++i) encoder->encode("hello worlds", {}, result);
      });
    }
  }
  for (const EncodedText& result : results) EXPECT_THAT(result.ids, ElementsAre(2, 5, 6, 7, 3));
}

TEST_F(TokenizeTest, TheLengthOfTheTokenizersSettingsCounts) {
  write_bert();
  write("tokenizer_config.json", R"({"model_max_length": 4})");
  EncodedText encoded;
  const auto tokenizer = TextTokenizer::open(folder_, {});
  tokenizer->make_encoder()->encode("hello hello hello", {}, encoded);
  EXPECT_THAT(encoded.ids, ElementsAre(2, 5, 5, 3));
}

// config.json may name the class that tokenizer_config.json does not.
TEST_F(TokenizeTest, TheClassInTheModelsSettingsCounts) {
  write("vocab.txt", "hi 3\n");
  write("bpe.codes", "h i</w> 3\n");
  write("config.json", R"({"model_type": "roberta", "tokenizer_class": "BertweetTokenizer"})");
  EncodedText encoded;
  const auto tokenizer = TextTokenizer::open(folder_, {});
  tokenizer->make_encoder()->encode("hi", {}, encoded);
  EXPECT_THAT(encoded.ids, ElementsAre(0, 4, 2));
}

TEST_F(TokenizeTest, AFolderOfNothingIsAnErrorThatSaysWhatIsMissing) {
  try {
    TextTokenizer::open(folder_, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::k_not_found);
    EXPECT_THAT(error.what(), testing::HasSubstr("tokenizer.json"));
  }
}

TEST_F(TokenizeTest, ALengthWithoutRoomIsRefused) {
  write_bert();
  for (const std::int64_t length : {0, 3})
    EXPECT_THROW(TextTokenizer::open(folder_, length), Error);
}

}  // namespace
}  // namespace hasten
