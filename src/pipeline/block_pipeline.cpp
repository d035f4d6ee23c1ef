#include "pipeline/block_pipeline.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "base/error.h"

namespace hasten::pipeline {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t k_rows_per_grab = 64;  // rows that a thread tokenises before it asks again
constexpr std::chrono::milliseconds k_stop_interval{50};  // how often waiting threads look for it

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

enum class Stage { k_encoding, k_encoded, k_planning, k_computing, k_done };

// A block between the source and the sink.
struct Flight {
  Block block;
  std::vector<GroupBlock> groups;
  Stage stage = Stage::k_encoding;
  std::size_t next_row = 0;
  std::size_t rows_left = 0;
  struct Batch {
    std::size_t group, member, batch;
  };
  std::vector<Batch> batches;
  std::size_t next_batch = 0;
  std::size_t batches_left = 0;
};

// One thing for a thread to do, of the kind that its flight's stage says.
struct Task {
  std::shared_ptr<Flight> flight;
  Stage stage;
  std::size_t begin = 0;  // rows, or the batch
  std::size_t end = 0;
};

}  // namespace

struct BlockPipeline::State {
  State(std::span<const BulkModel> models, const BlockPipelineOptions& the_options);

  bool run(const Source& source, const Sink& sink);
  void read(const Source& source);
  void work(std::vector<GroupWorker>& workers);
  void deliver(const Sink& sink);

  bool stopped() const { return failed || finished || (options.stop != nullptr && *options.stop); }
  std::optional<Task> next_task();
  std::optional<Task> next_task_of(const std::shared_ptr<Flight>& flight, bool all_planned_before);
  void execute(const Task& task, std::vector<GroupWorker>& workers);
  void plan(Flight& flight);
  void complete(const Task& task, double seconds);
  void finish(Flight& flight);
  std::shared_ptr<Flight> make_flight(Block block);
  void fail_with(std::exception_ptr reason);
  std::vector<GroupWorker> make_workers() const;

  const BlockPipelineOptions options;
  const std::vector<EncodingGroup> groups;
  std::size_t columns = 0;
  std::size_t models = 0;
  mutable std::mutex index_mutex;
  std::vector<DedupIndex> indexes;  // of each group

  mutable std::mutex mutex;  // of all that follows
  std::condition_variable changed;
  std::deque<std::shared_ptr<Flight>> flights;
  bool source_ended = false;
  bool finished = false;
  bool failed = false;
  std::exception_ptr error;         // of a model
  std::exception_ptr source_error;  // comes after the blocks before it
  BlockCounters counters;
};

BlockPipeline::State::State(std::span<const BulkModel> the_models,
                            const BlockPipelineOptions& the_options)
    : options(the_options), groups(group_models(the_models)), models(the_models.size()) {
  for (const BulkModel& model : the_models) columns += model.classes.size();
  for (const EncodingGroup& group : groups) {
    indexes.emplace_back(options.dedup, group.value_count(), options.scratch_folder);
    if (options.keep_results) indexes.back().keep_results();
  }
}

std::vector<GroupWorker> BlockPipeline::State::make_workers() const {
  std::vector<GroupWorker> workers(groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    workers[i].scratch = groups[i].encoder().make_scratch();
  }
  return workers;
}

void BlockPipeline::State::fail_with(std::exception_ptr reason) {
  const std::lock_guard lock(mutex);
  if (!failed) error = std::move(reason);
  failed = true;
  changed.notify_all();
}

std::shared_ptr<Flight> BlockPipeline::State::make_flight(Block block) {
  auto flight = std::make_shared<Flight>();
  flight->block = std::move(block);
  if (flight->block.is_scored || flight->block.rows.empty()) {
    flight->stage = Stage::k_done;
    return flight;
  }
  flight->rows_left = flight->block.rows.size();
  for (const EncodingGroup& group : groups) {
    flight->groups.emplace_back(group).start(flight->rows_left,
                                             options.dedup != DedupScope::k_none);
  }
  return flight;
}

void BlockPipeline::State::read(const Source& source) {
  std::unique_lock lock(mutex);
  for (;;) {
    while (!stopped() && flights.size() >= options.blocks_under_way) {
      changed.wait_for(lock, k_stop_interval);
    }
    if (stopped()) return;  // and not at the end of the source
    lock.unlock();
    const auto start = Clock::now();
    std::shared_ptr<Flight> flight;
    std::exception_ptr reason;
    try {
      Block block;
      if (source(block)) flight = make_flight(std::move(block));
    } catch (...) {
      reason = std::current_exception();
    }
    lock.lock();
    counters.read_seconds += seconds_since(start);
    source_error = reason;
    if (!flight) break;
    flights.push_back(std::move(flight));
    changed.notify_all();
  }
  source_ended = true;
  changed.notify_all();
}

std::optional<Task> BlockPipeline::State::next_task_of(const std::shared_ptr<Flight>& flight,
                                                       bool all_planned_before) {
  switch (flight->stage) {
    case Stage::k_encoding: {
      const std::size_t begin = flight->next_row;
      if (begin == flight->block.rows.size()) return std::nullopt;
      flight->next_row = std::min(flight->block.rows.size(), begin + k_rows_per_grab);
      return Task{flight, Stage::k_encoding, begin, flight->next_row};
    }
    case Stage::k_encoded:
      if (!all_planned_before) return std::nullopt;
      flight->stage = Stage::k_planning;
      return Task{flight, Stage::k_planning};
    case Stage::k_computing:
      if (flight->next_batch == flight->batches.size()) return std::nullopt;
      return Task{flight, Stage::k_computing, flight->next_batch++};
    default:
      return std::nullopt;
  }
}

// The earliest block comes first. Blocks are planned in order, so that of several rows with the
// same text the first one is computed.
std::optional<Task> BlockPipeline::State::next_task() {
  bool all_planned = true;
  for (const auto& flight : flights) {
    if (auto task = next_task_of(flight, all_planned)) return task;
    all_planned = all_planned && flight->stage >= Stage::k_computing;
  }
  return std::nullopt;
}

void BlockPipeline::State::work(std::vector<GroupWorker>& workers) {
  std::unique_lock lock(mutex);
  while (!stopped()) {
    const auto task = next_task();
    const auto start = Clock::now();
    if (!task) {
      changed.wait_for(lock, k_stop_interval);
      counters.idle_seconds += seconds_since(start);
      continue;
    }
    lock.unlock();
    try {
      execute(*task, workers);
    } catch (...) {
      return fail_with(std::current_exception());
    }
    lock.lock();
    complete(*task, seconds_since(start));
  }
}

void BlockPipeline::State::execute(const Task& task, std::vector<GroupWorker>& workers) {
  Flight& flight = *task.flight;
  if (task.stage == Stage::k_encoding) {
    for (std::size_t i = 0; i < groups.size(); ++i) {
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
void BlockPipeline::State::plan(Flight& flight) {
  const std::lock_guard lock(index_mutex);
  const BatchSizes sizes{options.token_budget,
                         std::min(options.token_budget, options.smallest_batch),
                         static_cast<std::size_t>(options.threads)};
  for (std::size_t group = 0; group < groups.size(); ++group) {
    flight.groups[group].plan(indexes[group], sizes);
    for (std::size_t member = 0; member < groups[group].members.size(); ++member) {
      for (std::size_t batch = 0; batch < flight.groups[group].batch_count(); ++batch) {
        flight.batches.push_back({group, member, batch});
      }
    }
  }
  flight.batches_left = flight.batches.size();
}

void BlockPipeline::State::complete(const Task& task, double seconds) {
  Flight& flight = *task.flight;
  if (task.stage == Stage::k_computing) {
    counters.compute_seconds += seconds;
    if (--flight.batches_left == 0) flight.stage = Stage::k_done;
  } else if (task.stage == Stage::k_encoding) {
    counters.encode_seconds += seconds;
    flight.rows_left -= task.end - task.begin;
    if (flight.rows_left == 0) flight.stage = Stage::k_encoded;
  } else {
    counters.encode_seconds += seconds;
    flight.stage = flight.batches.empty() ? Stage::k_done : Stage::k_computing;
  }
  changed.notify_all();
}

// Scores of all rows of a block whose batches are computed.
void BlockPipeline::State::finish(Flight& flight) {
  BlockScores& scores = flight.block.scores;
  const std::size_t rows = flight.block.rows.size();
  scores.resize(rows, columns, models);
  BlockCounters added;
  {
    const std::lock_guard lock(index_mutex);
    for (std::size_t i = 0; i < groups.size(); ++i) flight.groups[i].finish(indexes[i], scores);
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const GroupBlock& group = flight.groups[i];
    const std::size_t members = groups[i].members.size();
    added.encodings += group.encoded_texts();
    added.encoded_tokens += group.encoded_tokens();
    added.forward_texts += group.computed_texts() * members;
    added.forward_tokens += group.computed_tokens() * members;
    added.duplicates += group.encoded_texts() - group.computed_texts();
  }
  const std::lock_guard lock(mutex);
  counters.encodings += added.encodings;
  counters.encoded_tokens += added.encoded_tokens;
  counters.forward_texts += added.forward_texts;
  counters.forward_tokens += added.forward_tokens;
  counters.duplicates += added.duplicates;
}

void BlockPipeline::State::deliver(const Sink& sink) {
  std::unique_lock lock(mutex);
  for (;;) {
    const auto ready = [&] { return !flights.empty() && flights.front()->stage == Stage::k_done; };
    while (!ready() && !stopped() && !(source_ended && flights.empty())) {
      changed.wait_for(lock, k_stop_interval);
    }
    if (failed || !ready()) return;
    const std::shared_ptr<Flight> flight = std::move(flights.front());
    flights.pop_front();
    changed.notify_all();
    lock.unlock();
    const auto start = Clock::now();
    if (!flight->groups.empty()) finish(*flight);
    const std::size_t rows = flight->block.rows.size();
    const bool scored_before = flight->block.is_scored;
    sink(flight->block);
    lock.lock();
    counters.deliver_seconds += seconds_since(start);
    counters.rows += rows;
    if (scored_before) counters.scored_before += rows;
  }
}

bool BlockPipeline::State::run(const Source& source, const Sink& sink) {
  finished = failed = source_ended = false;
  error = source_error = nullptr;
  flights.clear();
  // Made before the threads, so that what cannot be made is told to the caller.
  std::vector<std::vector<GroupWorker>> workers;
  workers.reserve(static_cast<std::size_t>(options.threads));
  for (int i = 0; i < options.threads; ++i) workers.push_back(make_workers());
  std::exception_ptr reason;
  {
    std::vector<std::jthread> threads;
    try {
      threads.emplace_back([&] { read(source); });
      for (auto& worker : workers) threads.emplace_back([&] { work(worker); });
      deliver(sink);
    } catch (const std::system_error& failure) {
      reason = std::make_exception_ptr(
          Error({ErrorCode::k_out_of_memory,
                 std::string("threads cannot be started: ") + failure.what(),
                 {},
                 {},
                 "Use fewer threads."}));
    } catch (...) {
      reason = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    finished = true;
    changed.notify_all();
  }
  if (reason) std::rethrow_exception(reason);
  if (error) std::rethrow_exception(error);
  const bool was_stopped =
      options.stop != nullptr && *options.stop && !(source_ended && flights.empty());
  if (source_error && !was_stopped) std::rethrow_exception(source_error);
  return !was_stopped;
}

BlockPipeline::BlockPipeline(std::span<const BulkModel> models, const BlockPipelineOptions& options)
    : state_(std::make_unique<State>(models, options)) {}

BlockPipeline::~BlockPipeline() = default;

bool BlockPipeline::run(const Source& source, const Sink& sink) {
  return state_->run(source, sink);
}

BlockCounters BlockPipeline::counters() const {
  const std::lock_guard lock(state_->mutex);
  return state_->counters;
}

std::size_t BlockPipeline::group_count() const {
  return state_->groups.size();
}

std::size_t BlockPipeline::value_count(std::size_t group) const {
  return state_->groups[group].value_count();
}

std::size_t BlockPipeline::result_count() const {
  const std::lock_guard lock(state_->index_mutex);
  std::size_t count = 0;
  for (const DedupIndex& index : state_->indexes) count += index.result_count();
  return count;
}

KeyedResults BlockPipeline::take_results(std::size_t group) {
  const std::lock_guard lock(state_->index_mutex);
  return state_->indexes[group].take_results();
}

void BlockPipeline::add_results(std::size_t group, const KeyedResults& results) {
  const std::lock_guard lock(state_->index_mutex);
  state_->indexes[group].learn(results);
}

std::size_t BlockPipeline::column_count() const {
  return state_->columns;
}

std::size_t BlockPipeline::model_count() const {
  return state_->models;
}

}  // namespace hasten::pipeline
