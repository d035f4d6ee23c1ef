#include <hasten/label.h>

#include "api/label_plan.h"
#include "base/error.h"
#include "data/file_store.h"
#include "job/job_folder.h"
#include "job/probe.h"
#include "job/row_estimate.h"

namespace hasten {
namespace {

// What an earlier run has done of the shard. The folder must be one that the job can go on in.
void add_done(const job::LabelPlan& plan, const job::JobFolder& folder, LabelEstimate& estimate) {
  const auto recorded = folder.read_job();
  if (!recorded) return;
  job::check_same_job(*recorded, plan.job, folder.where());
  for (const std::size_t input : plan.shard) {
    const auto record = folder.read_part(plan.job.inputs[input].part);
    if (!record) continue;
    ++estimate.files_done;
    estimate.rows_done += record->counts.rows;
  }
}

void add_rows(const job::LabelPlan& plan, LabelEstimate& estimate) {
  for (const std::size_t input : plan.shard) estimate.bytes += plan.inputs[input].bytes;
  estimate.files = plan.shard.size();
  const job::RowEstimate rows = job::estimate_rows(plan);
  estimate.rows = rows.rows;
  estimate.rows_are_exact = rows.is_exact;
}

void add_speed(const job::LabelPlan& plan, double seconds, LabelEstimate& estimate) {
  const job::Probe probe = job::probe(plan, seconds);
  estimate.probe_rows = probe.rows;
  estimate.probe_seconds = probe.seconds;
  estimate.text_column = probe.text_column;
  estimate.id_column = probe.id_column;
  if (probe.rows == 0 || probe.seconds <= 0) return;
  estimate.texts_per_second = static_cast<double>(probe.rows) / probe.seconds;
  estimate.tokens_per_second = static_cast<double>(probe.tokens) / probe.seconds;
  const std::uint64_t left = estimate.rows - std::min(estimate.rows, estimate.rows_done);
  estimate.seconds = static_cast<double>(left) / estimate.texts_per_second;
}

}  // namespace

LabelEstimate estimate_label(const LabelOptions& options, double probe_seconds) {
  const api::LabelFiles files = api::find_label_files(options);
  api::check_shard(options, files.into_file);
  if (files.inputs.front().path == "-") {
    fail(ErrorCode::k_usage, "standard input cannot be tried, since it can be read only once");
  }
  const auto models = api::open_label_models(options);
  job::LabelPlan plan = api::make_label_plan(options, files, models);
  plan.pipeline.scratch_folder = std::filesystem::temp_directory_path();
  LabelEstimate estimate;
  estimate.columns = plan.columns;
  estimate.skipped = files.skipped;
  estimate.warnings = api::warnings_of(models);
  if (!files.into_file) {
    const auto store = data::open_store(options.output);
    add_done(plan, job::JobFolder(*store), estimate);
  }
  add_rows(plan, estimate);
  add_speed(plan, probe_seconds, estimate);
  return estimate;
}

}  // namespace hasten
