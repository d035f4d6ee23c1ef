#include "tokenizer/load_files.h"

#include <fmt/format.h>

#include "base/error.h"
#include "tokenizer/load_bertweet.h"
#include "tokenizer/load_moses.h"
#include "tokenizer/load_sentencepiece.h"
#include "tokenizer/load_vocabulary_files.h"

namespace hasten::tokenizer {
namespace {

[[noreturn]] void fail_missing(const Settings& settings) {
  const std::string& name = settings.tokenizer_class.name;
  if (settings.tokenizer_class.family == Family::k_other) {
    fail(ErrorCode::k_not_found, "there is no tokenizer.json", name,
         "no settings here name a tokenizer class that other files are known to make",
         "write the class into tokenizer_config.json: {\"tokenizer_class\": \"BertTokenizer\"}");
  }
  fail(ErrorCode::k_not_found, "the files here make no tokenizer", name,
       fmt::format("tokenizer.json is missing, and so are the files that {} is built from", name),
       "copy the tokenizer's files into the model's folder");
}

const std::string& require(const Files& files, const char* name, const Settings& settings) {
  const auto found = files.find(name);
  if (found == files.end()) fail_missing(settings);
  return found->second;
}

}  // namespace

TokenizerDefinition build_from_files(const Files& files, const Settings& settings) {
  const auto file = [&](const char* name) -> const std::string& {
    return require(files, name, settings);
  };
  switch (settings.tokenizer_class.family) {
    case Family::k_bert:
    case Family::k_mpnet:
      return build_word_piece(file("vocab.txt"), settings);
    case Family::k_roberta:
    case Family::k_bart:
    case Family::k_deberta:
      return build_byte_level(file("vocab.json"), file("merges.txt"), settings);
    case Family::k_xlm_roberta:
    case Family::k_camembert:
      return build_sentencepiece(file("sentencepiece.bpe.model"), settings);
    case Family::k_albert:
    case Family::k_xlnet:
    case Family::k_big_bird:
      return build_sentencepiece(file("spiece.model"), settings);
    case Family::k_rembert:
      return build_sentencepiece(file("sentencepiece.model"), settings);
    case Family::k_herbert:
      return build_herbert(file("vocab.json"), file("merges.txt"), settings);
    case Family::k_deberta_v2:
      return build_sentencepiece(file("spm.model"), settings);
    case Family::k_bertweet:
      return build_bertweet(file("vocab.txt"), file("bpe.codes"), settings);
    case Family::k_xlm:
    case Family::k_flaubert:
      return build_moses(file("vocab.json"), file("merges.txt"), settings);
    default:
      fail_missing(settings);
  }
}

}  // namespace hasten::tokenizer
