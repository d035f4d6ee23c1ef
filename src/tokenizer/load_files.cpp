#include "tokenizer/load_files.h"

#include <fmt/format.h>

#include "base/error.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

// The lines as Python's text mode reads them: \n, \r\n and \r end a line.
std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
    if (text.starts_with("\r\n")) text.remove_prefix(1);
    if (!text.empty()) text.remove_prefix(1);
  }
  return lines;
}

Vocabulary read_vocabulary_lines(const std::string& text) {
  if (!is_valid_utf8(text)) fail(ErrorCode::k_malformed, "the vocabulary is not UTF-8", "vocab.txt");
  std::vector<TrieEntry> entries;
  for (const std::string_view line : split_lines(text)) {
    entries.push_back({line, static_cast<std::int32_t>(entries.size())});
  }
  return Vocabulary(std::move(entries));
}

TokenizerDefinition build_bert(const std::string& vocabulary, const Settings& settings) {
  using Kind = TemplatePiece::Kind;
  TokenizerDefinition definition;
  definition.normalizers = {BertNormalizer{}};
  definition.pre_tokenizers = {BertPreTokenizer{}};
  definition.model = WordPieceDefinition{settings.special("unk_token"), "##", 100};
  definition.vocabulary = read_vocabulary_lines(vocabulary);
  apply_settings(settings, definition);
  definition.pattern_normalizers = definition.normalizers;
  add_settings_tokens(settings, definition);
  const std::vector<std::int32_t> cls = {definition.added_tokens.ids().at(settings.special("cls_token"))};
  const std::vector<std::int32_t> sep = {definition.added_tokens.ids().at(settings.special("sep_token"))};
  auto& processor = definition.post_processor;
  processor.single = {
      {Kind::k_special, 0, cls}, {Kind::k_first, 0, {}}, {Kind::k_special, 0, sep}};
  processor.pair = processor.single;
  processor.pair.push_back({Kind::k_second, 1, {}});
  processor.pair.push_back({Kind::k_special, 1, sep});
  return definition;
}

}  // namespace

TokenizerDefinition build_from_files(const Files& files, const Settings& settings) {
  const auto vocabulary = files.find("vocab.txt");
  if (settings.is_bert_like() && vocabulary != files.end()) {
    return build_bert(vocabulary->second, settings);
  }
  fail(ErrorCode::k_not_found, "no file here makes a tokenizer", settings.tokenizer_class,
       "tokenizer.json and the files that this class needs are missing",
       "copy the tokenizer's files beside the model");
}

}  // namespace hasten::tokenizer
