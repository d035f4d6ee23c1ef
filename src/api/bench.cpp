#include <hasten/bench.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "api/open_classifier.h"
#include "api/peak_memory.h"
#include "base/error.h"
#include "base/thread_pool.h"
#include "classifier/probabilities.h"
#include "engine/cpu/cpu_backend.h"
#include "pipeline/score_pipeline.h"

namespace hasten {
namespace {

// Seconds of one run over all rows, probabilities included.
double time_once(pipeline::ScorePipeline& pipeline, Function function, std::span<const TextRow> rows,
                 std::uint64_t& tokens) {
  const auto start = std::chrono::steady_clock::now();
  tokens = 0;
  for (pipeline::RowScores& scores : pipeline.run(rows)) {
    tokens += scores.token_count;
    if (!scores.logits.empty()) classifier::apply_function(function, scores.logits, scores.logits);
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// That of most multiply-adds.
Precision main_precision(const engine::Session& session) {
  std::map<engine::Precision, std::int64_t> work;
  for (const engine::MatrixProduct& product : session.products()) {
    if (product.rows == engine::Rows::k_tokens) work[product.precision] += product.inputs * product.outputs;
  }
  const auto most = std::max_element(work.begin(), work.end(), [](const auto& left, const auto& right) {
    return left.second < right.second;
  });
  return most == work.end() ? Precision::k_float32 : api::public_precision(most->first);
}

}  // namespace

BenchReport bench(const std::filesystem::path& model, std::span<const TextRow> rows,
                  const ModelOptions& options, int repetitions) {
  if (rows.empty() || repetitions < 1) {
    fail(ErrorCode::k_usage, "a benchmark needs at least one text and one repetition");
  }
  const int threads = api::thread_count(options);
  const auto classifier = api::open_classifier(model, options);
  pipeline::ScorePipeline pipeline(*classifier, {threads});
  BenchReport report;
  time_once(pipeline, classifier->function(), rows, report.tokens);
  std::vector<double> seconds;
  for (int i = 0; i < repetitions; ++i) {
    seconds.push_back(time_once(pipeline, classifier->function(), rows, report.tokens));
  }
  const engine::Session& session = classifier->session();
  report.texts = rows.size();
  report.seconds = median(std::move(seconds));
  report.texts_per_second = static_cast<double>(rows.size()) / report.seconds;
  report.tokens_per_second = static_cast<double>(report.tokens) / report.seconds;
  report.flops_per_second = report.tokens_per_second * session.flops_per_token() +
                            report.texts_per_second * session.flops_per_sequence();
  report.peak_flops = measure_peak_flops(main_precision(session), threads, options.isa);
  report.peak_ratio = report.flops_per_second / report.peak_flops;
  report.description = session.description();
  report.peak_memory = api::peak_memory();
  return report;
}

double measure_peak_flops(Precision precision, int threads, const std::string& isa) {
  ModelOptions options;
  options.threads = threads;
  threads = api::thread_count(options);
  ThreadPool team(threads);
  std::vector<double> rates(static_cast<std::size_t>(threads));
  team.run([&](int worker) {
    rates[static_cast<std::size_t>(worker)] =
        engine::cpu::measure_peak(api::engine_precision(precision), isa);
  });
  double sum = 0;
  for (const double rate : rates) sum += rate;
  return sum;
}

}  // namespace hasten
