// ScorePipeline: rows of text in, scores out, on all the threads that it was given.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "classifier/text_classifier.h"
#include "data/text_reader.h"
#include "data/text_row.h"

namespace hasten::pipeline {

// The scores of one row; a row without a text (null, malformed) has no logits.
struct RowScores {
  std::vector<float> logits;         // of several windows, the mean of theirs
  std::vector<float> window_logits;  // of several windows, a row for each; else empty
  std::uint64_t token_count = 0;     // over all windows
  bool truncated = false;
};

struct PipelineOptions {
  int threads = 1;
  std::size_t token_budget = 0;  // tokens a batch; 0: what keeps the device busy
  std::size_t window =
      0;                 // rows that are sorted by length together; 0: what keeps all threads busy
  bool profile = false;  // for take_profile()
};

// Rows are tokenised and computed by a fixed team: bulk work gives each thread batches of its own;
// when there are fewer batches than threads, the team shares each batch. Scores are the same either
// way. Used by one caller at a time.
class ScorePipeline {
 public:
  // `classifier` must outlive the pipeline.
  ScorePipeline(const classifier::TextClassifier& classifier, const PipelineOptions& options);
  ~ScorePipeline();

  // One result for each row, in order.
  std::vector<RowScores> run(std::span<const data::TextRow> rows);

  // Reads to the end, a window at a time, and hands every window to `sink` in input order. Reading
  // runs ahead in a thread of its own. What has arrived is not held back for what has not. An
  // exception of the reader or the sink ends the run and is rethrown, once the read that is under
  // way has returned.
  using Sink = std::function<void(std::span<const data::TextRow>, std::span<const RowScores>)>;
  void run(data::TextReader& reader, const Sink& sink);

  // Processor time by kind of work, tokenizing first, since the last call; empty unless asked for.
  std::vector<engine::ProfileEntry> take_profile();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hasten::pipeline
