#include "tokenizer/load_json_parts.h"
#include "tokenizer/serde_number.h"

namespace hasten::tokenizer {
namespace {

namespace ondemand = simdjson::ondemand;

[[noreturn]] void fail_pair() {
  fail_malformed_tokenizer("an entry of the vocabulary is no pair of text and score");
}

double read_score(ondemand::value value) {
  const std::string_view token = value.raw_json_token();
  const std::size_t end = token.find_last_not_of(" \t\r\n");
  double unused = 0;
  if (value.get(unused) != simdjson::SUCCESS) fail_pair();
  const std::optional<double> score = parse_serde_number(token.substr(0, end + 1));
  if (!score) fail_malformed_tokenizer("a score of the vocabulary is out of range");
  return *score;
}

// The text of an entry, which lives as long as the parser.
std::string_view read_entry(ondemand::value entry, double& score) {
  ondemand::array pair;
  if (entry.get(pair) != simdjson::SUCCESS) fail_pair();
  std::string_view text;
  std::size_t place = 0;
  for (auto item : pair) {
    ondemand::value value;
    if (item.get(value) != simdjson::SUCCESS) fail_pair();
    if (place == 0 && value.get(text) != simdjson::SUCCESS) fail_pair();
    if (place == 1) score = read_score(value);
    ++place;
  }
  if (place != 2) fail_pair();
  return text;
}

}  // namespace

// Scores are read from the text itself: the tree has already rounded them.
void read_unigram_vocabulary(std::string_view text, TokenizerDefinition& definition,
                             UnigramDefinition& model) {
  const simdjson::padded_string padded(text);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::array list;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document["model"]["vocab"].get(list) != simdjson::SUCCESS) {
    fail_malformed_tokenizer("the vocabulary is no array");
  }
  std::vector<TrieEntry> entries;
  for (auto item : list) {
    ondemand::value entry;
    if (item.get(entry) != simdjson::SUCCESS) fail_pair();
    double score = 0;
    entries.push_back({read_entry(entry, score), static_cast<std::int32_t>(entries.size())});
    model.scores.push_back(score);
  }
  definition.vocabulary = Vocabulary::of_list(std::move(entries));
}

}  // namespace hasten::tokenizer
