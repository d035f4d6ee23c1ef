#include <hasten/bench.h>

#include <time.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>

#include "api/open_classifier.h"
#include "api/peak_memory.h"
#include "base/error.h"
#include "base/thread_pool.h"
#include "classifier/probabilities.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/cuda_plugin.h"
#include "pipeline/score_pipeline.h"

namespace hasten {
namespace {

// Seconds of one run over all rows, probabilities included.
double time_once(pipeline::ScorePipeline& pipeline, Function function,
                 std::span<const TextRow> rows, std::uint64_t& tokens) {
  const auto start = std::chrono::steady_clock::now();
  tokens = 0;
  for (pipeline::RowScores& scores : pipeline.run(rows)) {
    tokens += scores.token_count;
    if (!scores.logits.empty()) classifier::apply_function(function, scores.logits, scores.logits);
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Of all threads of this process.
double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
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
    if (product.rows == engine::Rows::k_tokens)
      work[product.precision] += product.inputs * product.outputs;
  }
  const auto most = std::max_element(
      work.begin(), work.end(),
      [](const auto& left, const auto& right) { return left.second < right.second; });
  return most == work.end() ? Precision::k_float32 : api::public_precision(most->first);
}

Latency time_each(pipeline::ScorePipeline& pipeline, Function function,
                  std::span<const TextRow> rows) {
  std::vector<double> seconds;
  std::uint64_t tokens = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    seconds.push_back(time_once(pipeline, function, rows.subspan(i, 1), tokens));
  }
  std::sort(seconds.begin(), seconds.end());
  const auto at = [&](std::size_t percent) {
    return seconds[(seconds.size() - 1) * percent / 100];
  };
  return {at(50), at(99)};
}

// `all_seconds`: of every thread, from start to end.
std::vector<ProfiledWork> summarize(const std::vector<engine::ProfileEntry>& entries,
                                    double all_seconds) {
  std::vector<ProfiledWork> work;
  double rest = all_seconds;
  for (const engine::ProfileEntry& entry : entries) {
    const double rate = entry.seconds > 0 ? entry.flops / entry.seconds : 0;
    work.push_back({entry.name, entry.seconds, entry.seconds / all_seconds, rate, entry.calls});
    rest -= entry.seconds;
  }
  std::sort(work.begin(), work.end(),
            [](const auto& left, const auto& right) { return left.seconds > right.seconds; });
  work.push_back({"Batching and waiting", rest, rest / all_seconds, 0, 0});
  return work;
}

// Of the devices that the session runs on.
double measure_peak(const engine::Session& session, int threads, const std::string& isa) {
  const Precision precision = main_precision(session);
  if (session.gpus().empty()) return measure_peak_flops(precision, threads, isa);
  double sum = 0;
  for (const int gpu : session.gpus()) {
    sum += engine::cuda_plugin().measure_peak(api::engine_precision(precision), gpu);
  }
  return sum;
}

}  // namespace

BenchReport bench(const std::filesystem::path& model, std::span<const TextRow> rows,
                  const ModelOptions& options, const BenchOptions& how) {
  if (rows.empty() || how.repetitions < 1) {
    fail(ErrorCode::k_usage, "a benchmark needs at least one text and one repetition");
  }
  const int threads = api::thread_count(options);
  const auto classifier = api::open_classifier(model, options);
  const engine::Session& session = classifier->session();
  pipeline::ScorePipeline pipeline(*classifier, {.threads = threads, .profile = how.profile});
  BenchReport report;
  time_once(pipeline, classifier->function(), rows, report.tokens);
  pipeline.take_profile();
  std::vector<double> seconds;
  for (int i = 0; i < how.repetitions; ++i) {
    const double start = processor_seconds();
    seconds.push_back(time_once(pipeline, classifier->function(), rows, report.tokens));
    report.runs.push_back(
        {seconds.back(), (processor_seconds() - start) / (threads * seconds.back())});
    report.peak_flops = std::max(report.peak_flops, measure_peak(session, threads, options.isa));
  }
  if (how.profile) {
    const double all = std::accumulate(seconds.begin(), seconds.end(), 0.0) * threads;
    report.profile = summarize(pipeline.take_profile(), all);
  }
  if (how.latency) report.latency = time_each(pipeline, classifier->function(), rows);
  report.texts = rows.size();
  report.seconds = median(std::move(seconds));
  report.texts_per_second = static_cast<double>(rows.size()) / report.seconds;
  report.tokens_per_second = static_cast<double>(report.tokens) / report.seconds;
  report.flops_per_second = report.tokens_per_second * session.flops_per_token() +
                            report.texts_per_second * session.flops_per_sequence();
  report.peak_ratio = report.flops_per_second / report.peak_flops;
  report.description = session.description() + ", " + engine::summary(session.products());
  report.notes = session.notes();
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
