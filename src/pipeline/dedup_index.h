// DedupIndex: which texts have been scored before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <utility>

#include "pipeline/keyed_scores.h"

namespace hasten::pipeline {

enum class DedupScope {
  k_none,
  k_window,  // among the last k_window_texts different texts and as many before these
  k_global,  // among all texts of a run, and those of others that it was told of
};

// Asked for each text in order before it is computed, told in the same order what came out. Used by
// one thread at a time.
class DedupIndex {
 public:
  static constexpr std::size_t k_window_texts = std::size_t{1} << 18;

  // `value_count` floats are kept for each text; a global index that outgrows memory lies in
  // `folder`.
  DedupIndex(DedupScope scope, std::size_t value_count, std::filesystem::path folder);

  enum class Answer {
    k_new,      // to be computed, and told by fill()
    k_awaited,  // asked for before, and not told yet: find() gives it later
    k_known,    // `values` hold it
  };
  Answer ask(const ScoreKey& key, std::span<float> values);
  void fill(const ScoreKey& key, std::span<const float> values);
  // What was awaited; it must have been told since.
  void find(const ScoreKey& key, std::span<float> values) const;

  // Has fill() keep what it is told for take_results() too, which gives what came since the last
  // call.
  void keep_results() { keeps_results_ = true; }
  std::size_t result_count() const { return results_.keys.size(); }
  KeyedResults take_results() { return std::exchange(results_, {}); }
  // Results from elsewhere, known from now on where no text with their key was asked for before.
  void learn(const KeyedResults& results);

  bool is_in_file() const { return recent_->is_in_file(); }

 private:
  std::unique_ptr<KeyedScores> make_table() const;
  std::optional<KeyedScores::Entry> lookup(const ScoreKey& key) const;
  void forget_oldest();

  DedupScope scope_;
  std::size_t value_count_;
  std::filesystem::path folder_;
  std::unique_ptr<KeyedScores> recent_;
  std::unique_ptr<KeyedScores> older_;  // with a window
  bool keeps_results_ = false;
  KeyedResults results_;
};

}  // namespace hasten::pipeline
