#include "pipeline/block_pipeline.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include "base/error.h"
#include "pipeline/block_scorer.h"
#include "pipeline/flight.h"

namespace hasten::pipeline {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds k_stop_interval{50};  // how often waiting threads look for it

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

struct BlockPipeline::State {
  State(std::span<const BulkModel> models, const BlockPipelineOptions& the_options)
      : options(the_options), scorer(models, the_options) {}

  bool run(const Source& source, const Sink& sink);
  void read(const Source& source);
  void work(std::vector<GroupWorker>& workers);
  void deliver(const Sink& sink);

  bool stopped() const { return failed || finished || (options.stop != nullptr && *options.stop); }
  void end_task(const Task& task, double seconds);
  void finish(Flight& flight);
  void fail_with(std::exception_ptr reason);

  const BlockPipelineOptions options;
  BlockScorer scorer;

  mutable std::mutex mutex;  // of all that follows
  std::condition_variable changed;
  Flights flights;
  bool source_ended = false;
  bool finished = false;
  bool failed = false;
  std::exception_ptr error;         // of a model
  std::exception_ptr source_error;  // comes after the blocks before it
  BlockCounters counters;
};

void BlockPipeline::State::fail_with(std::exception_ptr reason) {
  const std::lock_guard lock(mutex);
  if (!failed) error = std::move(reason);
  failed = true;
  changed.notify_all();
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
      if (source(block)) flight = scorer.make_flight(std::move(block));
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

void BlockPipeline::State::work(std::vector<GroupWorker>& workers) {
  std::unique_lock lock(mutex);
  while (!stopped()) {
    const auto task = take_task(flights);
    const auto start = Clock::now();
    if (!task) {
      changed.wait_for(lock, k_stop_interval);
      counters.idle_seconds += seconds_since(start);
      continue;
    }
    lock.unlock();
    try {
      scorer.execute(*task, workers);
    } catch (...) {
      return fail_with(std::current_exception());
    }
    lock.lock();
    end_task(*task, seconds_since(start));
  }
}

void BlockPipeline::State::end_task(const Task& task, double seconds) {
  const bool computes = task.stage == Stage::k_computing;
  (computes ? counters.compute_seconds : counters.encode_seconds) += seconds;
  complete(task);
  changed.notify_all();
}

void BlockPipeline::State::finish(Flight& flight) {
  const BlockCounters added = scorer.finish(flight);
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
  for (int i = 0; i < options.threads; ++i) workers.push_back(scorer.make_workers());
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
  return state_->scorer.group_count();
}

std::size_t BlockPipeline::value_count(std::size_t group) const {
  return state_->scorer.value_count(group);
}

std::size_t BlockPipeline::result_count() const {
  return state_->scorer.result_count();
}

KeyedResults BlockPipeline::take_results(std::size_t group) {
  return state_->scorer.take_results(group);
}

void BlockPipeline::add_results(std::size_t group, const KeyedResults& results) {
  state_->scorer.add_results(group, results);
}

std::size_t BlockPipeline::column_count() const {
  return state_->scorer.column_count();
}

std::size_t BlockPipeline::model_count() const {
  return state_->scorer.model_count();
}

}  // namespace hasten::pipeline
