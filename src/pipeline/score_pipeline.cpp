#include "pipeline/score_pipeline.h"

#include <atomic>
#include <thread>

#include "base/thread_pool.h"
#include "pipeline/batch_plan.h"
#include "pipeline/bounded_queue.h"

namespace hasten::pipeline {
namespace {

constexpr std::size_t k_rows_per_grab = 64;    // rows that a thread tokenises before it asks again
constexpr std::size_t k_rows_per_read = 256;   // rows that one item of the queue holds at most
constexpr std::size_t k_queued_reads = 64;

// What one thread works with.
struct Worker {
  std::unique_ptr<tokenizer::Scratch> scratch;
  tokenizer::Encoding encoding;
  std::unique_ptr<engine::Stream> stream;
  std::vector<std::int32_t> token_ids, type_ids, offsets;
  std::vector<float> logits;
};

// The token ids of one row.
struct EncodedRow {
  std::vector<std::int32_t> ids, type_ids;
  bool truncated = false;
};

}  // namespace

struct ScorePipeline::State {
  State(const classifier::TextClassifier& the_classifier, const PipelineOptions& the_options)
      : classifier(the_classifier), options(the_options), team(options.threads) {
    workers.resize(static_cast<std::size_t>(options.threads));
    for (Worker& worker : workers) worker.scratch = classifier.tokenizer().make_scratch();
  }

  void encode_all(std::span<const data::TextRow> rows);
  void encode_row(const data::TextRow& row, Worker& worker, EncodedRow& out) const;
  void compute_all(std::vector<RowScores>& results);
  void compute(std::span<const std::uint32_t> batch, Worker& worker, engine::Stream& stream,
               std::vector<RowScores>& results);
  engine::Stream& stream_of(Worker& worker);
  engine::Stream& shared_stream();

  const classifier::TextClassifier& classifier;
  const PipelineOptions options;
  ThreadPool team;
  std::vector<Worker> workers;
  std::unique_ptr<engine::Stream> shared;  // splits one batch between the threads of its own team
  std::vector<EncodedRow> encoded;
};

engine::Stream& ScorePipeline::State::stream_of(Worker& worker) {
  if (!worker.stream) worker.stream = classifier.session().make_stream({});
  return *worker.stream;
}

engine::Stream& ScorePipeline::State::shared_stream() {
  if (!shared) {
    engine::StreamOptions stream_options;
    stream_options.threads = options.threads;
    shared = classifier.session().make_stream(stream_options);
  }
  return *shared;
}

void ScorePipeline::State::encode_row(const data::TextRow& row, Worker& worker,
                                      EncodedRow& out) const {
  out.ids.clear();
  out.type_ids.clear();
  if (!has_text(row.status)) return;
  std::optional<std::string_view> pair;
  if (row.text_pair) pair = *row.text_pair;
  classifier.encode(row.text, pair, *worker.scratch, worker.encoding);
  out.ids = worker.encoding.ids;
  out.type_ids = worker.encoding.type_ids;
  out.truncated = worker.encoding.truncated;
}

void ScorePipeline::State::encode_all(std::span<const data::TextRow> rows) {
  encoded.resize(rows.size());
  if (rows.size() <= k_rows_per_grab) {
    for (std::size_t i = 0; i < rows.size(); ++i) encode_row(rows[i], workers[0], encoded[i]);
    return;
  }
  std::atomic<std::size_t> next{0};
  team.run([&](int index) {
    Worker& worker = workers[static_cast<std::size_t>(index)];
    for (std::size_t begin; (begin = next.fetch_add(k_rows_per_grab)) < rows.size();) {
      const std::size_t end = std::min(rows.size(), begin + k_rows_per_grab);
      for (std::size_t i = begin; i < end; ++i) encode_row(rows[i], worker, encoded[i]);
    }
  });
}

void ScorePipeline::State::compute(std::span<const std::uint32_t> batch, Worker& worker,
                                   engine::Stream& stream, std::vector<RowScores>& results) {
  worker.token_ids.clear();
  worker.type_ids.clear();
  worker.offsets.assign(1, 0);
  for (const std::uint32_t index : batch) {
    const EncodedRow& row = encoded[index];
    worker.token_ids.insert(worker.token_ids.end(), row.ids.begin(), row.ids.end());
    worker.type_ids.insert(worker.type_ids.end(), row.type_ids.begin(), row.type_ids.end());
    worker.offsets.push_back(static_cast<std::int32_t>(worker.token_ids.size()));
  }
  const auto classes = static_cast<std::size_t>(classifier.session().class_count());
  worker.logits.resize(batch.size() * classes);
  stream.run({worker.token_ids, worker.type_ids, worker.offsets}, worker.logits);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto row = std::span(worker.logits).subspan(i * classes, classes);
    results[batch[i]].logits.assign(row.begin(), row.end());
  }
}

void ScorePipeline::State::compute_all(std::vector<RowScores>& results) {
  std::vector<std::uint32_t> rows;  // those that have a text
  std::vector<std::uint32_t> counts;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i].ids.empty()) continue;
    rows.push_back(static_cast<std::uint32_t>(i));
    counts.push_back(static_cast<std::uint32_t>(encoded[i].ids.size()));
    results[i].token_count = counts.back();
    results[i].truncated = encoded[i].truncated;
  }
  auto batches = plan_batches(counts, options.token_budget);
  for (auto& batch : batches) {
    for (std::uint32_t& index : batch) index = rows[index];
  }
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
  return results;
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
