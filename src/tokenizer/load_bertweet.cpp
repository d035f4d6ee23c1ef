#include "tokenizer/load_bertweet.h"

#include <fmt/format.h>

#include <unordered_map>

#include "base/error.h"
#include "tokenizer/bertweet/tweet_characters.h"
#include "tokenizer/load_vocabulary_files.h"
#include "tokenizer/special_tokens.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

// str.split()
std::vector<std::string_view> split_columns(std::string_view line) {
  std::vector<std::string_view> columns;
  const char* cursor = line.data();
  const char* const end = cursor + line.size();
  const char* word = nullptr;
  while (cursor != end) {
    const char* const at = cursor;
    if (!bertweet::is(next_code_point(cursor), bertweet::k_python_space)) {
      if (word == nullptr) word = at;
    } else if (word != nullptr) {
      columns.emplace_back(word, static_cast<std::size_t>(at - word));
      word = nullptr;
    }
  }
  if (word != nullptr) columns.emplace_back(word, static_cast<std::size_t>(end - word));
  return columns;
}

// str.strip()
std::string_view strip(std::string_view line) {
  const auto columns = split_columns(line);
  if (columns.empty()) return {};
  const char* const begin = columns.front().data();
  const char* const end = columns.back().data() + columns.back().size();
  return {begin, static_cast<std::size_t>(end - begin)};
}

// A line is a token and its count. A repeated token gets a new id, which the next new one gets too.
Vocabulary read_vocabulary(const std::string& text, const Settings& settings) {
  std::unordered_map<std::string, std::int32_t> encoder;
  std::int32_t special_id = 0;
  for (const char* role : {"bos_token", "pad_token", "eos_token", "unk_token"}) {
    encoder[settings.special(role)] = special_id++;
  }
  std::size_t number = 0;
  for (std::string_view line : split_lines(text)) {
    ++number;
    line = strip(line);
    const std::size_t space = line.rfind(' ');
    if (space == std::string_view::npos) {
      fail(ErrorCode::k_malformed, "a line is not a token and its count",
           fmt::format("vocab.txt, line {}", number));
    }
    const auto id = static_cast<std::int32_t>(encoder.size());
    encoder[std::string(line.substr(0, space))] = id;
  }
  std::vector<TrieEntry> entries;
  entries.reserve(encoder.size());
  for (const auto& [token, id] : encoder) entries.push_back({token, id});
  return Vocabulary(std::move(entries));
}

// PhobertTokenizer, the same but for this, takes no such option.
bool normalizes(const Settings& settings) {
  return settings.tokenizer_class.name == "BertweetTokenizer" &&
         settings.config.get_bool("normalization", false);
}

// A key of ours: transformers takes the package that is installed.
bertweet::EmojiVersion read_emoji_version(const Settings& settings) {
  const std::string name = settings.config.get_string("emoji_version", "0.6.0");
  const auto version = bertweet::emoji_version_of(name);
  if (!version) {
    fail(ErrorCode::k_unsupported,
         fmt::format("the names of emoji of version '{}' are not known", name),
         "tokenizer_config.json: emoji_version", {}, "write \"0.6.0\" or \"2.14.1\"");
  }
  return *version;
}

}  // namespace

std::vector<BertweetDefinition::Merge> read_codes(const std::string& text, bool counted) {
  std::vector<std::string_view> lines = split_lines(text);
  if (!lines.empty() && text.back() != '\n' && text.back() != '\r') lines.pop_back();
  std::vector<BertweetDefinition::Merge> merges;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto columns = split_columns(lines[i]);
    if (counted ? columns.size() != 3 : columns.size() < 2) continue;
    merges.push_back(
        {std::string(columns[0]), std::string(columns[1]), static_cast<std::uint32_t>(i)});
  }
  return merges;
}

TokenizerDefinition build_bertweet(const std::string& vocabulary, const std::string& codes,
                                   const Settings& settings) {
  if (!is_valid_utf8(vocabulary))
    fail(ErrorCode::k_malformed, "the file is not UTF-8", "vocab.txt");
  if (!is_valid_utf8(codes)) fail(ErrorCode::k_malformed, "the file is not UTF-8", "bpe.codes");
  TokenizerDefinition definition;
  definition.vocabulary = read_vocabulary(vocabulary, settings);
  BertweetDefinition model;
  model.merges = read_codes(codes, true);
  model.unknown_token = settings.special("unk_token");
  model.normalization = normalizes(settings);
  model.emoji = read_emoji_version(settings);
  definition.model = std::move(model);
  definition.truncate_in_python = true;
  add_settings_tokens(settings, definition);
  definition.post_processor =
      make_roberta_processor(special_ids(definition, settings.special("cls_token")),
                             special_ids(definition, settings.special("sep_token")));
  apply_settings(settings, definition);
  return definition;
}

}  // namespace hasten::tokenizer
