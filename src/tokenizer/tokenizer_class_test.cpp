#include "tokenizer/tokenizer_class.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hasten/error.h>

#include "tokenizer/tokenizer.h"

namespace hasten::tokenizer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* k_json =
    R"({"model":{"type":"WordLevel","unk_token":"[UNK]","vocab":{"[UNK]":0,"a":1}}})";

std::map<std::string, std::string> folder(const std::string& class_name) {
  return {{"tokenizer.json", k_json},
          {"tokenizer_config.json", "{\"tokenizer_class\":\"" + class_name + "\"}"}};
}

TEST(TokenizerClass, ClassesOfPythonAreRefusedByNameWithTheRemedy) {
  for (const char* name :
       {"BertJapaneseTokenizer", "RoFormerTokenizer", "RoFormerTokenizerFast", "CanineTokenizer"}) {
    try {
      Tokenizer::load(folder(name), "bert");
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::k_unsupported);
      EXPECT_THAT(error.what(), HasSubstr(std::string(name).substr(0, 9)));
      EXPECT_THAT(error.what(), HasSubstr("PreTrainedTokenizerFast"));
    }
  }
}

TEST(TokenizerClass, TheRemedyHelps) {
  EXPECT_EQ(Tokenizer::load(folder("PreTrainedTokenizerFast"), "roformer")->vocabulary_size(), 2);
}

TEST(TokenizerClass, ModelTypesWhoseClassIsOfPythonAreRefused) {
  EXPECT_THROW(Tokenizer::load({{"tokenizer.json", k_json}}, "canine"), Error);
}

TEST(TokenizerClass, PhobertTakesItsOwnFilesBeforeATokenizerJson) {
  auto files = folder("PhobertTokenizer");
  files["vocab.txt"] = "ch\u00e0o 5\nxin 3\nx@@ 2\n";
  files["bpe.codes"] = "x i 3\nxi n</w> 3\nc h 5\nch \u00e0 5\nch\u00e0 o</w> 5\n";
  const auto tokenizer = Tokenizer::load(files, "roberta");
  const auto scratch = tokenizer->make_scratch();
  Encoding encoding;
  tokenizer->encode("xin ch\u00e0o", {}, {}, *scratch, encoding);
  EXPECT_THAT(encoding.ids, ElementsAre(0, 5, 4, 2));
}

}  // namespace
}  // namespace hasten::tokenizer
