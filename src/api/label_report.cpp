#include "api/label_report.h"

#include <fmt/format.h>
#include <hasten/json.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <random>

#include "api/json_object.h"
#include "api/peak_memory.h"
#include "api/slurm.h"

namespace hasten::api {
namespace {

LabelSpeed speed_of(const pipeline::BlockCounters& counters, double seconds) {
  LabelSpeed speed;
  speed.seconds = seconds;
  speed.encoded_texts = counters.encodings;
  speed.forward_texts = counters.forward_texts;
  speed.forward_tokens = counters.forward_tokens;
  speed.duplicates = counters.duplicates;
  speed.read_seconds = counters.read_seconds;
  speed.encode_seconds = counters.encode_seconds;
  speed.compute_seconds = counters.compute_seconds;
  speed.write_seconds = counters.deliver_seconds;
  speed.idle_seconds = counters.idle_seconds;
  speed.peak_memory = peak_memory();
  return speed;
}

LabelFailure failure_of(const std::string& input, const std::exception_ptr& reason) {
  try {
    std::rethrow_exception(reason);
  } catch (const Error& error) {
    return {input, error.what(), error.code()};
  }
}

}  // namespace

LabelReport report_of(const job::RunReport& run, const job::LabelPlan& plan,
                      const LabelFiles& files, double seconds) {
  LabelReport report;
  report.complete = run.complete;
  report.stopped = run.stopped;
  report.can_resume = !files.into_file;
  report.rows = run.sink.counts.rows;
  report.rows_before = run.sink.rows_before;
  report.rows_by_status = run.sink.counts.by_status;
  report.rows_by_label = run.sink.counts.by_label;
  report.tokens = run.sink.counts.tokens;
  report.parts = run.sink.parts;
  report.parts_total = plan.shard.size();
  for (const auto& [input, reason] : run.sink.failures) {
    report.failures.push_back(failure_of(input, reason));
  }
  report.skipped = files.skipped;
  report.columns = plan.columns;
  report.text_column = run.sink.text_column;
  report.id_column = run.sink.id_column;
  report.speed = speed_of(run.counters, seconds);
  report.speed.results_received = run.results_received;
  return report;
}

void write_label_log(job::JobFolder& folder, const LabelOptions& options, const LabelReport& report,
                     const std::string& engine) {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto end = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  std::random_device random;
  JsonObject log;
  log.add("host", std::string(host.data()))
      .add("process", ::getpid())
      .add("ended", end)
      .add("shard", fmt::format("{}/{}", options.shard.index, options.shard.count))
      .add("threads", job_threads(options.model_options))
      .add("engine", engine);
  folder.write_log(fmt::format("{}-{}-{:08x}", end, host.data(), random()),
                   fmt::format("{{\"run\": {}, \"report\": {}}}\n", log.str(), to_json(report)));
}

}  // namespace hasten::api
