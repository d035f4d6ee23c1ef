// BlockPipeline: blocks of rows in, their scores by several models out, for bulk work.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "pipeline/block.h"
#include "pipeline/dedup_index.h"
#include "pipeline/encoding_group.h"

namespace hasten::pipeline {

struct BlockPipelineOptions {
  int threads = 1;
  std::size_t token_budget = 1024;   // tokens of a batch
  std::size_t smallest_batch = 192;  // tokens of the last batches of a block
  std::size_t blocks_under_way = 4;  // at most, between reading and delivery
  DedupScope dedup = DedupScope::k_window;
  std::filesystem::path scratch_folder;     // for a global index
  bool keep_results = false;                // for take_results()
  const std::atomic<bool>* stop = nullptr;  // ends the run early once it is true
};

// What was done so far. Seconds are summed over the threads.
struct BlockCounters {
  std::uint64_t rows = 0;           // delivered, those that came with scores included
  std::uint64_t scored_before = 0;  // of these, rows that came with scores
  std::uint64_t encodings = 0;      // texts tokenised, once for each group of models
  std::uint64_t encoded_tokens = 0;
  std::uint64_t forward_texts = 0;  // texts computed, once for each model
  std::uint64_t forward_tokens = 0;
  std::uint64_t duplicates = 0;  // of the encodings, those that were not computed
  double read_seconds = 0;
  double encode_seconds = 0;
  double compute_seconds = 0;
  double deliver_seconds = 0;
  double idle_seconds = 0;  // threads that had nothing to compute
};

// Reading runs in a thread of its own, tokenising and computing on `threads` others, delivery in
// the caller's, all at once. A text is tokenised once for all models that see it alike, and texts
// that were seen before are not computed again. Used by one caller.
class BlockPipeline {
 public:
  BlockPipeline(std::span<const BulkModel> models, const BlockPipelineOptions& options);
  ~BlockPipeline();

  // Fills an empty block; false at the end. Called from one thread at a time.
  using Source = std::function<bool(Block&)>;
  // Takes the blocks in the order of the source.
  using Sink = std::function<void(Block&)>;
  // Returns false when it was stopped: threads finish the batch that they are at, and blocks that
  // are not whole by then are not delivered. An exception of the source, the sink or a model ends
  // the run; those of the source come after the blocks before it.
  bool run(const Source& source, const Sink& sink);

  // May be called at any time, by any thread.
  BlockCounters counters() const;

  // Models that see a text alike share its results: how many groups of them there are, and how many
  // floats a text has in one.
  std::size_t group_count() const;
  std::size_t value_count(std::size_t group) const;
  // Results of a group that were delivered since they were taken last. These three may be called
  // between any two blocks, also by the sink.
  std::size_t result_count() const;  // of all groups
  KeyedResults take_results(std::size_t group);
  // Texts with these keys need not be computed from now on.
  void add_results(std::size_t group, const KeyedResults& results);

  std::size_t column_count() const;
  std::size_t model_count() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hasten::pipeline
