#include "tokenizer/load_vocabulary_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "base/error.h"
#include "tokenizer/bpe_merges.h"
#include "tokenizer/load_json_parts.h"
#include "tokenizer/special_tokens.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

using Kind = TemplatePiece::Kind;

void require_utf8(const std::string& text, const char* name) {
  if (!is_valid_utf8(text)) fail(ErrorCode::k_malformed, "the file is not UTF-8", name);
}

void set_post_processor(const Settings& settings, TokenizerDefinition& definition) {
  const SlowIds slow(settings, definition.vocabulary);
  const Family family = settings.tokenizer_class.family;
  const auto ids = [&](const std::string& content) -> std::vector<std::int32_t> {
    if (const auto id = slow.id_of(content); id && !content.empty()) return {*id};
    fail(ErrorCode::k_malformed, "a special token has no id", "tokenizer_config.json", content);
  };
  if (family == Family::k_deberta) {  // whose converter writes the texts out
    const auto written = [&](const char* content) {
      return slow.id_of(content) ? ids(content) : ids(settings.special("unk_token"));
    };
    definition.post_processor = make_bert_processor(written("[CLS]"), written("[SEP]"));
    return;
  }
  const auto cls = ids(settings.special("cls_token"));
  const auto sep = ids(settings.special("sep_token"));
  const bool doubles_sep =
      family == Family::k_roberta || family == Family::k_bart || family == Family::k_mpnet;
  definition.post_processor =
      doubles_sep ? make_roberta_processor(cls, sep) : make_bert_processor(cls, sep);
}

// The slow tokenizers take neither the first line, which is the version, nor what follows the last
// line's end. Of repeated merges the first counts.
void read_merges(const std::string& text, BpeMerges& merges) {
  std::vector<std::string_view> lines = split_lines(text);
  if (!lines.empty() && text.back() != '\n' && text.back() != '\r') lines.pop_back();
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::string_view line = lines[i];
    if (line.empty() || !seen.insert(line).second) continue;
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) {
      fail(ErrorCode::k_malformed, "a merge is not two texts with a space between",
           fmt::format("merges.txt, line {}", i + 1));
    }
    merges.add(line.substr(0, space), line.substr(space + 1));
  }
}

}  // namespace

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

std::vector<std::int32_t> special_ids(const TokenizerDefinition& definition,
                                      const std::string& content) {
  const auto found = definition.added_tokens.ids().find(content);
  if (found == definition.added_tokens.ids().end()) {
    fail(ErrorCode::k_malformed, "a special token has no text", "tokenizer_config.json");
  }
  return {found->second};
}

TokenizerDefinition build_word_piece(const std::string& vocabulary, const Settings& settings) {
  require_utf8(vocabulary, "vocab.txt");
  std::vector<TrieEntry> entries;
  for (const std::string_view line : split_lines(vocabulary)) {
    entries.push_back({line, static_cast<std::int32_t>(entries.size())});
  }
  TokenizerDefinition definition;
  BertNormalizer normalizer{true, false, false, false};
  // Added tokens are looked for as the slow class normalizes, which may do nothing.
  if (settings.config.get_bool("do_basic_tokenize", true))
    set_bert_flags(settings, true, normalizer);
  definition.normalizers = {normalizer};
  definition.pre_tokenizers = {BertPreTokenizer{}};
  definition.model = WordPieceDefinition{settings.special("unk_token"), "##", 100};
  definition.vocabulary = Vocabulary(std::move(entries));
  definition.pattern_normalizers = definition.normalizers;
  add_settings_tokens(settings, definition);
  set_post_processor(settings, definition);
  apply_settings(settings, definition);
  return definition;
}

TokenizerDefinition build_byte_level(const std::string& vocabulary, const std::string& merges,
                                     const Settings& settings) {
  require_utf8(merges, "merges.txt");
  TokenizerDefinition definition;
  definition.vocabulary = read_vocabulary_json(vocabulary);
  BpeDefinition model;
  BpeMerges list(definition.vocabulary, "", 0);
  read_merges(merges, list);
  model.merges = std::move(list).take();
  definition.model = std::move(model);
  definition.pre_tokenizers = {ByteLevel{settings.config.get_bool("add_prefix_space", false)}};
  add_settings_tokens(settings, definition);
  set_post_processor(settings, definition);
  apply_settings(settings, definition);
  return definition;
}

TokenizerDefinition build_herbert(const std::string& vocabulary, const std::string& merges,
                                  const Settings& settings) {
  require_utf8(merges, "merges.txt");
  TokenizerDefinition definition;
  definition.vocabulary = read_vocabulary_json(vocabulary);
  BpeDefinition model;
  model.unknown_token = settings.special("unk_token");
  model.end_of_word_suffix = "</w>";
  BpeMerges list(definition.vocabulary, "", 0);
  read_merges(merges, list);
  model.merges = std::move(list).take();
  definition.model = std::move(model);
  BertNormalizer normalizer;
  normalizer.lowercase = false;
  normalizer.strip_accents = false;
  definition.normalizers = {normalizer};
  definition.pre_tokenizers = {BertPreTokenizer{}};
  definition.pattern_normalizers = definition.normalizers;
  add_settings_tokens(settings, definition);
  set_post_processor(settings, definition);
  apply_settings(settings, definition);
  return definition;
}

}  // namespace hasten::tokenizer
