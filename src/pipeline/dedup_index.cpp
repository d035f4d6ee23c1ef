#include "pipeline/dedup_index.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace hasten::pipeline {
namespace {

void fill_entry(const KeyedScores::Entry& entry, std::span<const float> values) {
  std::copy(values.begin(), values.end(), entry.values.begin());
  *entry.is_filled = true;
}

}  // namespace

DedupIndex::DedupIndex(DedupScope scope, std::size_t value_count, std::filesystem::path folder)
    : scope_(scope), value_count_(value_count), folder_(std::move(folder)), recent_(make_table()) {}

std::unique_ptr<KeyedScores> DedupIndex::make_table() const {
  KeyedScores::Options options;
  options.value_count = value_count_;
  if (scope_ == DedupScope::k_global) options.folder = folder_;
  return std::make_unique<KeyedScores>(options);
}

std::optional<KeyedScores::Entry> DedupIndex::lookup(const ScoreKey& key) const {
  auto entry = recent_->find(key);
  if (!entry && older_) entry = older_->find(key);
  return entry;
}

// What is awaited is never forgotten: far fewer texts than a window holds are under way.
void DedupIndex::forget_oldest() {
  if (scope_ != DedupScope::k_window || recent_->size() < k_window_texts) return;
  older_ = std::exchange(recent_, make_table());
}

DedupIndex::Answer DedupIndex::ask(const ScoreKey& key, std::span<float> values) {
  if (scope_ == DedupScope::k_none) return Answer::k_new;
  if (const auto entry = lookup(key)) {
    if (!*entry->is_filled) return Answer::k_awaited;
    std::copy(entry->values.begin(), entry->values.end(), values.begin());
    return Answer::k_known;
  }
  forget_oldest();
  recent_->insert(key);  // without room for it, the text is computed each time
  return Answer::k_new;
}

void DedupIndex::fill(const ScoreKey& key, std::span<const float> values) {
  if (scope_ == DedupScope::k_none) return;
  if (keeps_results_) {
    results_.keys.push_back(key);
    results_.values.insert(results_.values.end(), values.begin(), values.end());
  }
  if (const auto entry = lookup(key)) fill_entry(*entry, values);
}

void DedupIndex::learn(const KeyedResults& results) {
  for (std::size_t i = 0; i < results.keys.size(); ++i) {
    const ScoreKey& key = results.keys[i];
    if (!lookup(key) && recent_->insert(key)) fill_entry(*lookup(key), results.values_of(i));
  }
}

void DedupIndex::find(const ScoreKey& key, std::span<float> values) const {
  const auto entry = lookup(key);
  assert(entry && *entry->is_filled);
  std::copy(entry->values.begin(), entry->values.end(), values.begin());
}

}  // namespace hasten::pipeline
