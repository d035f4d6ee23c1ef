#include "tokenizer/added_tokens.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "tokenizer/unicode/unicode.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

// A search costs the length of the text times that of the longest pattern.
constexpr std::size_t k_max_pattern = 4096;

}  // namespace

std::int32_t AddedVocabulary::next_id(const Vocabulary& model) const {
  std::int64_t next = static_cast<std::int64_t>(model.size());
  for (const auto& [id, token] : by_id_) next = std::max(next, std::int64_t{id} + 1);
  if (next > INT32_MAX) fail(ErrorCode::k_malformed, "the ids of added tokens leave no free id");
  return static_cast<std::int32_t>(next);
}

void AddedVocabulary::add(const std::vector<AddedToken>& tokens, const Vocabulary& model) {
  for (const AddedToken& token : tokens) {
    if (token.special && !token.content.empty() && special_contents_.insert(token.content).second) {
      special_tokens_.push_back(token);
    }
  }
  // A token that was there before with the very same flags is passed over.
  std::unordered_map<std::string, std::vector<AddedToken>> existing;
  for (const auto& [id, token] : by_id_) existing[token.content].push_back(token);
  std::int32_t next = next_id(model);
  for (const AddedToken& token : tokens) {
    auto& same_content = existing[token.content];
    const bool known =
        std::find(same_content.begin(), same_content.end(), token) != same_content.end();
    if (token.content.empty() || known) continue;
    same_content.push_back(token);
    const auto earlier = ids_.find(token.content);
    const auto of_model = model.id_of(token.content);
    const std::int32_t id = earlier != ids_.end() ? earlier->second : of_model ? *of_model : next++;
    ids_[token.content] = id;
    by_id_[id] = token;
    if (!special_contents_.contains(token.content)) other_tokens_.push_back(token);
  }
}

std::vector<AddedVocabulary::Pattern> AddedVocabulary::patterns(bool normalized) const {
  std::vector<Pattern> out;
  for (const auto* tokens : {&special_tokens_, &other_tokens_}) {
    for (const AddedToken& token : *tokens) {
      if (token.normalized != normalized) continue;
      const std::int32_t id = ids_.at(token.content);
      const AddedToken& last = by_id_.at(id);
      out.push_back({token.content, id, last.single_word, last.lstrip, last.rstrip,
                     special_contents_.contains(last.content)});
    }
  }
  return out;
}

bool AddedVocabulary::contains(const AddedToken& token) const {
  return std::any_of(by_id_.begin(), by_id_.end(),
                     [&](const auto& known) { return known.second == token; });
}

std::string_view AddedVocabulary::content(std::int32_t id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? std::string_view() : std::string_view(found->second.content);
}

AddedTokenSplitter::AddedTokenSplitter(std::vector<AddedVocabulary::Pattern> patterns)
    : patterns_(std::move(patterns)) {
  std::vector<TrieEntry> entries;
  for (std::size_t i = patterns_.size(); i-- > 0;) {
    const std::string& text = patterns_[i].text;
    if (text.size() > k_max_pattern) {
      fail(ErrorCode::k_unsupported, "an added token is longer than 4,096 bytes");
    }
    if (!text.empty()) entries.push_back({text, static_cast<std::int32_t>(i)});
  }
  sort_trie_entries(entries);
  trie_ = DoubleArray(entries);
  for (const TrieEntry& entry : entries) {
    bool& first = is_first_byte_[static_cast<unsigned char>(entry.key[0])];
    if (!first) first_bytes_.push_back(entry.key[0]);
    first = true;
  }
}

std::size_t AddedTokenSplitter::next_candidate(std::string_view text, std::size_t from) const {
  if (first_bytes_.empty()) return text.size();
  if (first_bytes_.size() == 1) return std::min(text.find(first_bytes_[0], from), text.size());
  while (from < text.size() && !is_first_byte_[static_cast<unsigned char>(text[from])]) ++from;
  return from;
}

bool AddedTokenSplitter::next_match(std::string_view text, Match& match) const {
  for (std::size_t begin = next_candidate(text, match.search_from); begin < text.size();
       begin = next_candidate(text, begin + 1)) {
    std::size_t longest = 0;
    DoubleArray::State state = DoubleArray::k_root;
    for (std::size_t i = begin; i < text.size(); ++i) {
      state = trie_.step(state, text[i]);
      if (state == DoubleArray::k_none) break;
      if (!trie_.has_value(state)) continue;
      longest = i + 1;
      match.pattern = static_cast<std::size_t>(trie_.value(state));
    }
    if (longest == 0) continue;
    match.begin = begin;
    match.end = match.search_from = longest;
    return true;
  }
  return false;
}

bool AddedTokenSplitter::place_match(std::string_view text, std::size_t done, Match& match) const {
  const AddedVocabulary::Pattern& pattern = patterns_[match.pattern];
  if (pattern.is_text) return false;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* left = begin + match.begin;
  const char* right = begin + match.end;
  const auto is = [](char32_t code, unicode::Flag flag) { return unicode::has(code, flag); };
  if (pattern.single_word) {
    const char* cursor = left;
    if (left != begin && is(previous_code_point(cursor), unicode::k_word)) return false;
    cursor = right;
    if (right != end && is(next_code_point(cursor), unicode::k_word)) return false;
  }
  if (pattern.lstrip) {
    for (const char* cursor = left; cursor > begin + done; left = cursor) {
      if (!is(previous_code_point(cursor), unicode::k_white_space)) break;
    }
    left = std::max(left, begin + done);  // the match before may have taken this one along
  }
  if (pattern.rstrip) {
    for (const char* cursor = right; cursor < end; right = cursor) {
      if (!is(next_code_point(cursor), unicode::k_white_space)) break;
    }
  }
  match.begin = static_cast<std::size_t>(left - begin);
  match.end = static_cast<std::size_t>(std::max(left, right) - begin);
  return true;
}

}  // namespace hasten::tokenizer
