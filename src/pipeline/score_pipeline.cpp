#include "pipeline/score_pipeline.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "base/thread_clock.h"
#include "base/thread_pool.h"
#include "classifier/window_votes.h"
#include "pipeline/batch_plan.h"
#include "pipeline/bounded_queue.h"
#include "pipeline/token_batch.h"

namespace hasten::pipeline {
namespace {

constexpr std::size_t k_rows_per_grab = 64;   // rows that a thread tokenises before it asks again
constexpr std::size_t k_rows_per_read = 256;  // rows that one item of the queue holds at most
constexpr std::size_t k_queued_reads = 64;
constexpr std::size_t k_rows_per_thread = 512;  // that are sorted by length together

// What one thread works with.
struct Worker {
  classifier::EncodeScratch scratch;
  engine::ProfileEntry encoding{"Tokenize", 0, 0, 0};
  std::unique_ptr<engine::Stream> stream;
  TokenBatch batch;
  std::vector<float> logits;
};

// One sequence of one row, and where its logits go among the row's.
struct Place {
  std::uint32_t row = 0;
  std::uint32_t sequence = 0;
};

}  // namespace

struct ScorePipeline::State {
  State(const classifier::TextClassifier& the_classifier, const PipelineOptions& the_options)
      : classifier(the_classifier), options(the_options), team(options.threads) {
    if (options.token_budget == 0) options.token_budget = classifier.session().token_budget();
    if (options.window == 0) {
      options.window = std::max(options.token_budget,
                                k_rows_per_thread * static_cast<std::size_t>(options.threads));
    }
    workers.resize(static_cast<std::size_t>(options.threads));
    for (Worker& worker : workers) worker.scratch = classifier.make_scratch();
  }

  void encode_all(std::span<const data::TextRow> rows);
  void encode_rows(std::span<const data::TextRow> rows, Worker& worker, std::size_t first);
  void encode_row(const data::TextRow& row, Worker& worker, classifier::Sequences& out) const;
  void compute_all(std::vector<RowScores>& results);
  std::vector<std::uint32_t> place_sequences(std::vector<RowScores>& results);
  void combine_windows(std::vector<RowScores>& results) const;
  void compute(std::span<const std::uint32_t> batch, Worker& worker, engine::Stream& stream,
               std::vector<RowScores>& results);
  engine::Stream& stream_of(Worker& worker);
  engine::Stream& shared_stream();

  const classifier::TextClassifier& classifier;
  PipelineOptions options;
  ThreadPool team;
  std::vector<Worker> workers;
  std::unique_ptr<engine::Stream> shared;  // splits one batch between the threads of its own team
  std::vector<classifier::Sequences> encoded;
  std::vector<Place> places;  // all sequences of `encoded`
};

engine::Stream& ScorePipeline::State::stream_of(Worker& worker) {
  if (!worker.stream) worker.stream = classifier.session().make_stream({1, options.profile});
  return *worker.stream;
}

engine::Stream& ScorePipeline::State::shared_stream() {
  if (!shared) {
    shared = classifier.session().make_stream({options.threads, options.profile});
  }
  return *shared;
}

void ScorePipeline::State::encode_row(const data::TextRow& row, Worker& worker,
                                      classifier::Sequences& out) const {
  out.clear();
  if (!has_text(row.status)) return;
  std::optional<std::string_view> pair;
  if (row.text_pair) pair = *row.text_pair;
  classifier.encode(row.text, pair, worker.scratch, out);
}

// Rows of one grab, the first of which is row `first` of all.
void ScorePipeline::State::encode_rows(std::span<const data::TextRow> rows, Worker& worker,
                                       std::size_t first) {
  const double start = options.profile ? thread_seconds() : 0;
  for (std::size_t i = 0; i < rows.size(); ++i) encode_row(rows[i], worker, encoded[first + i]);
  if (!options.profile) return;
  worker.encoding.seconds += thread_seconds() - start;
  worker.encoding.calls += rows.size();
}

void ScorePipeline::State::encode_all(std::span<const data::TextRow> rows) {
  encoded.resize(rows.size());
  if (rows.size() <= k_rows_per_grab) return encode_rows(rows, workers[0], 0);
  std::atomic<std::size_t> next{0};
  team.run([&](int index) {
    Worker& worker = workers[static_cast<std::size_t>(index)];
    for (std::size_t begin; (begin = next.fetch_add(k_rows_per_grab)) < rows.size();) {
      encode_rows(rows.subspan(begin, std::min(k_rows_per_grab, rows.size() - begin)), worker,
                  begin);
    }
  });
}

void ScorePipeline::State::compute(std::span<const std::uint32_t> batch, Worker& worker,
                                   engine::Stream& stream, std::vector<RowScores>& results) {
  worker.batch.clear();
  for (const std::uint32_t index : batch) {
    const auto [row, sequence] = places[index];
    worker.batch.append(encoded[row], sequence);
  }
  const auto classes = static_cast<std::size_t>(classifier.session().class_count());
  worker.logits.resize(batch.size() * classes);
  stream.run(worker.batch.view(), worker.logits);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto logits = std::span(worker.logits).subspan(i * classes, classes);
    const auto [row, sequence] = places[batch[i]];
    std::copy(logits.begin(), logits.end(),
              results[row].window_logits.begin() + sequence * classes);
  }
}

// Lists the sequences of all rows with their lengths, and makes room for their logits.
std::vector<std::uint32_t> ScorePipeline::State::place_sequences(std::vector<RowScores>& results) {
  const auto classes = static_cast<std::size_t>(classifier.session().class_count());
  std::vector<std::uint32_t> counts;
  places.clear();
  for (std::size_t row = 0; row < encoded.size(); ++row) {
    const classifier::Sequences& sequences = encoded[row];
    for (std::size_t i = 0; i < sequences.count(); ++i) {
      places.push_back({static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(i)});
      counts.push_back(static_cast<std::uint32_t>(sequences.ends[i] - sequences.begin_of(i)));
    }
    results[row].token_count = sequences.ids.size();
    results[row].truncated = sequences.truncated;
    results[row].window_logits.resize(sequences.count() * classes);
  }
  return counts;
}

// A row of one sequence has its logits, a row of several their mean.
void ScorePipeline::State::combine_windows(std::vector<RowScores>& results) const {
  const auto classes = static_cast<std::size_t>(classifier.session().class_count());
  for (RowScores& row : results) {
    if (row.window_logits.size() <= classes) {
      row.logits = std::exchange(row.window_logits, {});
    } else {
      row.logits.resize(classes);
      classifier::mean_of_windows(row.window_logits, row.logits);
    }
  }
}

void ScorePipeline::State::compute_all(std::vector<RowScores>& results) {
  const BatchSizes sizes{options.token_budget,
                         std::min(options.token_budget, classifier.session().smallest_batch()),
                         workers.size()};
  const auto batches = plan_batches(place_sequences(results), sizes);
  if (batches.size() < workers.size()) {
    for (const auto& batch : batches) compute(batch, workers[0], shared_stream(), results);
    return;
  }
  std::atomic<std::size_t> next{0};
  team.run([&](int index) {
    Worker& worker = workers[static_cast<std::size_t>(index)];
    for (std::size_t i; (i = next.fetch_add(1)) < batches.size();) {
      compute(batches[i], worker, stream_of(worker), results);
    }
  });
}

ScorePipeline::ScorePipeline(const classifier::TextClassifier& classifier,
                             const PipelineOptions& options)
    : state_(std::make_unique<State>(classifier, options)) {}

ScorePipeline::~ScorePipeline() = default;

std::vector<RowScores> ScorePipeline::run(std::span<const data::TextRow> rows) {
  std::vector<RowScores> results(rows.size());
  state_->encode_all(rows);
  state_->compute_all(results);
  state_->combine_windows(results);
  return results;
}

std::vector<engine::ProfileEntry> ScorePipeline::take_profile() {
  std::vector<engine::ProfileEntry> sum;
  if (!state_->options.profile) return sum;
  const auto add = [&](const engine::ProfileEntry& entry) {
    auto same = std::find_if(sum.begin(), sum.end(),
                             [&](const auto& other) { return other.name == entry.name; });
    if (same == sum.end()) same = sum.insert(sum.end(), {entry.name, 0, 0, 0});
    same->seconds += entry.seconds;
    same->flops += entry.flops;
    same->calls += entry.calls;
  };
  const auto add_stream = [&](const std::unique_ptr<engine::Stream>& stream) {
    if (!stream) return;
    for (const engine::ProfileEntry& entry : stream->take_profile()) add(entry);
  };
  for (Worker& worker : state_->workers) {
    add(worker.encoding);
    worker.encoding.seconds = 0;
    worker.encoding.calls = 0;
  }
  for (const Worker& worker : state_->workers) add_stream(worker.stream);
  add_stream(state_->shared);
  return sum;
}

void ScorePipeline::run(data::TextReader& reader, const Sink& sink) {
  BoundedQueue<std::vector<data::TextRow>> queue(k_queued_reads);
  std::jthread read_ahead([&] {
    try {
      for (;;) {
        std::vector<data::TextRow> rows;
        const bool more = reader.read(rows, k_rows_per_read);
        if (!rows.empty() && !queue.push(std::move(rows))) return;
        if (!more) return queue.end();
      }
    } catch (...) {
      queue.fail(std::current_exception());
    }
  });
  // Lets the reading thread go when the sink throws.
  struct EndOnExit {
    BoundedQueue<std::vector<data::TextRow>>& queue;
    ~EndOnExit() { queue.end(); }
  } const end_on_exit{queue};

  while (auto rows = queue.pop()) {
    while (rows->size() < state_->options.window) {
      auto more = queue.try_pop();
      if (!more) break;
      rows->insert(rows->end(), std::make_move_iterator(more->begin()),
                   std::make_move_iterator(more->end()));
    }
    sink(*rows, run(*rows));
  }
}

}  // namespace hasten::pipeline
