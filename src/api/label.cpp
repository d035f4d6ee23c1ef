#include <fmt/format.h>
#include <hasten/json.h>
#include <hasten/label.h>
#include <unistd.h>

#include <chrono>
#include <random>

#include "api/json_object.h"
#include "api/label_inputs.h"
#include "api/label_model.h"
#include "api/peak_memory.h"
#include "api/slurm.h"
#include "api/version.h"
#include "base/error.h"
#include "job/label_job.h"
#include "job/shard.h"

namespace hasten {
namespace {

pipeline::DedupScope scope_of(Dedup dedup) {
  switch (dedup) {
    case Dedup::k_none:
      return pipeline::DedupScope::k_none;
    case Dedup::k_window:
      return pipeline::DedupScope::k_window;
    case Dedup::k_global:
      return pipeline::DedupScope::k_global;
  }
  return pipeline::DedupScope::k_window;
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ",") + item;
  return out;
}

void add_settings(const LabelOptions& options, const api::LabelFiles& files, job::LabelPlan& plan) {
  auto& settings = plan.job.settings;
  settings.emplace_back("hasten", api::k_version);
  settings.emplace_back("columns", joined(plan.columns));
  settings.emplace_back("text column", options.text_column);
  settings.emplace_back("pair column", options.pair_column);
  settings.emplace_back("id column", options.id_column);
  settings.emplace_back("columns kept", joined(options.keep_columns));
  settings.emplace_back("rows where", joined(options.where));
  settings.emplace_back("format of inputs", options.input_format);
  settings.emplace_back("format of parts", data::name_of(files.output_format));
  settings.emplace_back("limit", options.limit == 0 ? "" : std::to_string(options.limit));
}

void add_models(const std::vector<api::OpenLabelModel>& models, job::LabelPlan& plan) {
  for (const api::OpenLabelModel& model : models) {
    plan.models.push_back(
        {model.name, {model.classifier.get(), model.classes}, model.classifier->labels()});
    plan.columns.insert(plan.columns.end(), model.columns.begin(), model.columns.end());
    plan.job.settings.insert(plan.job.settings.end(), model.settings.begin(), model.settings.end());
  }
}

void add_inputs(const LabelOptions& options, const api::LabelFiles& files, job::LabelPlan& plan) {
  std::vector<std::uint64_t> sizes;
  for (const data::InputFile& input : files.inputs) {
    plan.job.inputs.push_back(
        {input.name, input.bytes, job::part_name(input, files.output_format)});
    sizes.push_back(input.bytes);
  }
  plan.inputs = files.inputs;
  plan.shard = job::inputs_of_shard(sizes, options.shard);
}

job::LabelPlan make_plan(const LabelOptions& options, const api::LabelFiles& files,
                         const std::vector<api::OpenLabelModel>& models) {
  job::LabelPlan plan;
  add_models(models, plan);
  add_settings(options, files, plan);
  add_inputs(options, files, plan);
  for (const auto& [name, value] : plan.job.settings) {
    std::string key = "hasten." + name;
    for (char& c : key) c = c == ' ' ? '_' : c;
    if (!value.empty()) plan.metadata[key] = value;
  }
  plan.output_format = files.output_format;
  plan.reader.text_column = options.text_column;
  plan.reader.pair_column = options.pair_column;
  plan.reader.id_column = options.id_column;
  plan.reader.usual_id_column = true;
  plan.kept_columns = options.keep_columns;
  for (const std::string& filter : options.where) {
    plan.filters.push_back(data::parse_filter(filter));
  }
  plan.limit = options.limit;
  plan.max_bad = options.max_bad;
  plan.checkpoint_rows = options.checkpoint_rows;
  plan.pipeline.threads = api::job_threads(options.model_options);
  plan.pipeline.dedup = scope_of(options.dedup);
  plan.pipeline.stop = options.stop;
  return plan;
}

job::RunProgress forward(const std::function<void(const LabelProgress&)>& progress,
                         const job::LabelPlan& plan) {
  if (!progress) return {};
  std::uint64_t bytes = 0;
  for (const std::size_t input : plan.shard) bytes += plan.inputs[input].bytes;
  return [progress, bytes, parts = plan.shard.size()](const job::SinkReport& sink,
                                                      const pipeline::BlockCounters& counters) {
    LabelProgress now;
    now.rows = counters.rows;
    now.rows_before = counters.scored_before;
    now.tokens = counters.encoded_tokens;
    now.encoded_texts = counters.encodings;
    now.duplicates = counters.duplicates;
    now.parts = sink.parts;
    now.parts_total = parts;
    if (bytes > sink.bytes_before) {
      now.share = static_cast<double>(sink.bytes) / static_cast<double>(bytes - sink.bytes_before);
    }
    progress(now);
  };
}

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
  speed.peak_memory = api::peak_memory();
  return speed;
}

LabelFailure failure_of(const std::string& input, const std::exception_ptr& reason) {
  try {
    std::rethrow_exception(reason);
  } catch (const Error& error) {
    return {input, error.what(), error.code()};
  }
}

LabelReport report_of(const job::RunReport& run, const job::LabelPlan& plan,
                      const api::LabelFiles& files, double seconds) {
  LabelReport report;
  report.complete = run.complete;
  report.stopped = run.stopped;
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
  return report;
}

// What depends on the machine and the moment goes here and nowhere else.
void write_log(job::JobFolder& folder, const LabelOptions& options, const LabelReport& report,
               const std::string& engine) {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto end = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  std::random_device random;
  api::JsonObject log;
  log.add("host", std::string(host.data()))
      .add("process", ::getpid())
      .add("ended", end)
      .add("shard", fmt::format("{}/{}", options.shard.index, options.shard.count))
      .add("threads", api::job_threads(options.model_options))
      .add("engine", engine);
  folder.write_log(fmt::format("{}-{}-{:08x}", end, host.data(), random()),
                   fmt::format("{{\"run\": {}, \"report\": {}}}\n", log.str(), to_json(report)));
}

void check_shard(const LabelOptions& options, bool into_file) {
  if (options.shard.count == 0 || options.shard.index >= options.shard.count) {
    fail(ErrorCode::k_usage, "the shard is none of those that there are");
  }
  if (!into_file || options.shard.count == 1) return;
  fail(ErrorCode::k_usage, "one output file cannot be shared by the tasks of an array",
       options.output, {}, "Name a folder, and make one file of its parts with 'hasten merge'.");
}

}  // namespace

LabelReport label(const LabelOptions& options,
                  const std::function<void(const LabelProgress&)>& progress) {
  const api::LabelFiles files = api::find_label_files(options);
  check_shard(options, files.into_file);
  std::unique_ptr<data::FileStore> store;
  if (!files.into_file) {
    store = data::open_local_store(options.output);
    job::JobFolder(*store)
        .read_job();  // what is wrong with the folder is told before models are read
  }
  const auto models = api::open_label_models(options);
  job::LabelPlan plan = make_plan(options, files, models);
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  LabelReport report;
  if (files.into_file) {
    plan.pipeline.scratch_folder = std::filesystem::temp_directory_path();
    const auto run = job::run_into_file(plan, options.output, forward(progress, plan));
    report = report_of(run, plan, files, seconds());
  } else {
    job::JobFolder folder(*store);
    plan.pipeline.scratch_folder = store->scratch_folder();
    const auto run = job::run_into_folder(plan, folder, forward(progress, plan));
    report = report_of(run, plan, files, seconds());
    write_log(folder, options, report, models.front().classifier->session().description());
  }
  for (const api::OpenLabelModel& model : models) {
    const std::string& obstacle = model.classifier->session().obstacle();
    if (obstacle.empty()) continue;
    report.warnings.push_back(fmt::format(
        "The model {} runs on the generic engine, which is slow: {}.", model.name, obstacle));
  }
  return report;
}

}  // namespace hasten
