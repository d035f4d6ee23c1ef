// BlockScorer: what is done with a block: its texts encoded, planned, computed and scored by each model.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "pipeline/block_pipeline.h"
#include "pipeline/flight.h"

namespace hasten::pipeline {

// The models in their groups, and which texts each group has seen. Who does what when is said by
// others: threads may call all of this at once, for different flights or different tasks of one.
class BlockScorer {
 public:
  BlockScorer(std::span<const BulkModel> models, const BlockPipelineOptions& options);

  // What one thread brings to execute(), of each group.
  std::vector<GroupWorker> make_workers() const;
  // Of a block that is scored or has no rows, one that is done.
  std::shared_ptr<Flight> make_flight(Block block) const;
  void execute(const Task& task, std::vector<GroupWorker>& workers);
  // Scores of all rows of a block whose batches are computed; what they took is in the counters.
  BlockCounters finish(Flight& flight);

  // As BlockPipeline's.
  std::size_t group_count() const { return groups_.size(); }
  std::size_t value_count(std::size_t group) const { return groups_[group].value_count(); }
  std::size_t column_count() const { return columns_; }
  std::size_t model_count() const { return models_; }
  std::size_t result_count() const;
  KeyedResults take_results(std::size_t group);
  void add_results(std::size_t group, const KeyedResults& results);

 private:
  void plan(Flight& flight);

  const BlockPipelineOptions options_;
  const std::vector<EncodingGroup> groups_;
  std::size_t columns_ = 0;
  std::size_t models_ = 0;
  mutable std::mutex index_mutex_;
  std::vector<DedupIndex> indexes_;  // of each group
};

}  // namespace hasten::pipeline
