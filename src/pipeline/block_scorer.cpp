#include "pipeline/block_scorer.h"

#include <algorithm>
#include <utility>

namespace hasten::pipeline {

BlockScorer::BlockScorer(std::span<const BulkModel> models, const BlockPipelineOptions& options)
    : options_(options), groups_(group_models(models)), models_(models.size()) {
  for (const BulkModel& model : models) columns_ += model.classes.size();
  for (const EncodingGroup& group : groups_) {
    indexes_.emplace_back(options_.dedup, group.value_count(), options_.scratch_folder);
    if (options_.keep_results) indexes_.back().keep_results();
  }
}

std::vector<GroupWorker> BlockScorer::make_workers() const {
  std::vector<GroupWorker> workers(groups_.size());
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    workers[i].scratch = groups_[i].encoder().make_scratch();
  }
  return workers;
}

std::shared_ptr<Flight> BlockScorer::make_flight(Block block) const {
  auto flight = std::make_shared<Flight>();
  flight->block = std::move(block);
  if (flight->block.is_scored || flight->block.rows.empty()) {
    flight->stage = Stage::k_done;
    return flight;
  }
  flight->rows_left = flight->block.rows.size();
  for (const EncodingGroup& group : groups_) {
    flight->groups.emplace_back(group).start(flight->rows_left,
                                             options_.dedup != DedupScope::k_none);
  }
  return flight;
}

void BlockScorer::execute(const Task& task, std::vector<GroupWorker>& workers) {
  Flight& flight = *task.flight;
  if (task.stage == Stage::k_encoding) {
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      flight.groups[i].encode(flight.block.rows, task.begin, task.end, workers[i]);
    }
  } else if (task.stage == Stage::k_planning) {
    plan(flight);
  } else {
    const auto [group, member, batch] = flight.batches[task.begin];
    flight.groups[group].compute(member, batch, workers[group]);
  }
}

// One model after the other, so that its weights stay in the caches.
void BlockScorer::plan(Flight& flight) {
  const std::lock_guard lock(index_mutex_);
  const BatchSizes sizes{options_.token_budget,
                         std::min(options_.token_budget, options_.smallest_batch),
                         static_cast<std::size_t>(options_.threads)};
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    flight.groups[group].plan(indexes_[group], sizes);
    for (std::size_t member = 0; member < groups_[group].members.size(); ++member) {
      for (std::size_t batch = 0; batch < flight.groups[group].batch_count(); ++batch) {
        flight.batches.push_back({group, member, batch});
      }
    }
  }
  flight.batches_left = flight.batches.size();
}

BlockCounters BlockScorer::finish(Flight& flight) {
  BlockScores& scores = flight.block.scores;
  scores.resize(flight.block.rows.size(), columns_, models_);
  {
    const std::lock_guard lock(index_mutex_);
    for (std::size_t i = 0; i < groups_.size(); ++i) flight.groups[i].finish(indexes_[i], scores);
  }
  BlockCounters counters;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const GroupBlock& group = flight.groups[i];
    const std::size_t members = groups_[i].members.size();
    counters.encodings += group.encoded_texts();
    counters.encoded_tokens += group.encoded_tokens();
    counters.forward_texts += group.computed_texts() * members;
    counters.forward_tokens += group.computed_tokens() * members;
    counters.duplicates += group.encoded_texts() - group.computed_texts();
  }
  return counters;
}

std::size_t BlockScorer::result_count() const {
  const std::lock_guard lock(index_mutex_);
  std::size_t count = 0;
  for (const DedupIndex& index : indexes_) count += index.result_count();
  return count;
}

KeyedResults BlockScorer::take_results(std::size_t group) {
  const std::lock_guard lock(index_mutex_);
  return indexes_[group].take_results();
}

void BlockScorer::add_results(std::size_t group, const KeyedResults& results) {
  const std::lock_guard lock(index_mutex_);
  indexes_[group].learn(results);
}

}  // namespace hasten::pipeline
