#include "job/label_job.h"

#include <optional>
#include <vector>

#include "base/error.h"
#include "job/part_source.h"
#include "job/shared_results.h"

namespace hasten::job {
namespace {

RunReport run(const LabelPlan& plan, JobFolder* folder, const std::filesystem::path& output,
              const RunProgress& progress) {
  std::vector<pipeline::BulkModel> models;
  for (const JobModel& model : plan.models) models.push_back(model.bulk);
  const bool shares = folder != nullptr && plan.pipeline.dedup == pipeline::DedupScope::k_global;
  pipeline::BlockPipelineOptions options = plan.pipeline;
  options.keep_results = shares;
  pipeline::BlockPipeline pipeline(models, options);
  std::vector<PartState> parts(plan.shard.size());
  PartSource source(plan, folder, parts);
  PartSink sink(plan, folder, output, parts);
  std::optional<SharedResults> shared;
  if (shares) shared.emplace(plan, *folder, pipeline).receive();
  RunReport report;
  try {
    const bool ended = pipeline.run([&](pipeline::Block& block) { return source.next(block); },
                                    [&](pipeline::Block& block) {
                                      sink.take(block);
                                      if (shared) shared->exchange();
                                      if (progress) progress(sink.report(), pipeline.counters());
                                    });
    report.stopped = !ended;
  } catch (const Error& error) {
    // What cannot be written now will not be in a checkpoint either.
    if (error.code() != ErrorCode::k_output) sink.save_checkpoint();
    throw;
  }
  if (report.stopped) sink.save_checkpoint();
  if (shared) {
    shared->publish_rest();
    report.results_received = shared->received();
  }
  report.sink = sink.report();
  report.counters = pipeline.counters();
  return report;
}

}  // namespace

std::string part_name(const data::InputFile& input, data::Format format) {
  switch (format) {
    case data::Format::k_csv:
      return input.stem + ".csv";
    case data::Format::k_tsv:
      return input.stem + ".tsv";
    case data::Format::k_json_lines:
      return input.stem + ".jsonl";
    default:
      return input.stem + ".parquet";
  }
}

RunReport run_into_folder(const LabelPlan& plan, JobFolder& folder, const RunProgress& progress) {
  folder.bind(plan.job);
  RunReport report = run(plan, &folder, {}, progress);
  if (report.stopped || !report.sink.failures.empty()) return report;
  if (!folder.is_complete() && folder.recorded_parts().size() == plan.job.inputs.size()) {
    folder.complete(plan.job);
  }
  report.complete = folder.is_complete();
  if (report.complete) folder.remove_results();
  return report;
}

RunReport run_into_file(const LabelPlan& plan, const std::filesystem::path& output,
                        const RunProgress& progress) {
  RunReport report = run(plan, nullptr, output, progress);
  report.complete = !report.stopped;
  return report;
}

}  // namespace hasten::job
