#include <fmt/format.h>
#include <hasten/label.h>

#include <chrono>
#include <cstdlib>

#include "api/label_page.h"
#include "api/label_plan.h"
#include "api/label_report.h"
#include "data/file_store.h"

namespace hasten {
namespace {

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
      now.share = static_cast<double>(sink.bytes + sink.bytes_under_way) /
                  static_cast<double>(bytes - sink.bytes_before);
    }
    progress(now);
  };
}

// The job's own scratch folder where the machine has one, as clusters do whose output folder lies
// on a network; else the output folder, which has the room that /tmp may lack.
std::filesystem::path scratch_folder_of(data::FileStore& store) {
  const char* const folder = std::getenv("TMPDIR");
  std::error_code absent;
  if (folder != nullptr && std::filesystem::is_directory(folder, absent)) return folder;
  return store.scratch_folder();
}

}  // namespace

LabelReport label(const LabelOptions& options,
                  const std::function<void(const LabelProgress&)>& progress) {
  const api::LabelFiles files = api::find_label_files(options);
  api::check_shard(options, files.into_file);
  std::unique_ptr<data::FileStore> store;
  if (!files.into_file) {
    store = data::open_store(options.output);
    job::JobFolder(*store)
        .read_job();  // what is wrong with the folder is told before models are read
  }
  const auto models = api::open_label_models(options);
  job::LabelPlan plan = api::make_label_plan(options, files, models);
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  LabelReport report;
  if (files.into_file) {
    plan.pipeline.scratch_folder = std::filesystem::temp_directory_path();
    const auto run = job::run_into_file(plan, options.output, forward(progress, plan));
    report = api::report_of(run, plan, files, seconds());
    if (report.complete && options.page) {
      report.page =
          api::write_page(api::page_of_run(report, plan.job, options.output), options.output);
    }
  } else {
    job::JobFolder folder(*store);
    plan.pipeline.scratch_folder = scratch_folder_of(*store);
    const auto run = job::run_into_folder(plan, folder, forward(progress, plan));
    report = api::report_of(run, plan, files, seconds());
    api::write_label_log(folder, options, report,
                         models.front().classifier->session().description());
    if (report.complete && options.page) report.page = api::write_page(folder);
  }
  report.warnings = api::warnings_of(models);
  return report;
}

}  // namespace hasten
