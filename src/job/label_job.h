// A run: the inputs of one shard, labelled.
#pragma once

#include <functional>

#include "job/job_folder.h"
#include "job/label_plan.h"
#include "job/part_sink.h"
#include "pipeline/block_pipeline.h"

namespace hasten::job {

struct RunReport {
  SinkReport sink;
  pipeline::BlockCounters counters;
  std::uint64_t results_received = 0;  // of texts that other runs of the job have computed
  bool stopped = false;
  bool complete = false;  // all parts of the job, of every shard, are there and verified
};

using RunProgress = std::function<void(const SinkReport&, const pipeline::BlockCounters&)>;

// Labels into a folder: binds the job to it, does what is left of the shard, and closes the job
// when nothing is left of any. Throws what JobFolder, PartSource and PartSink throw; what is scored
// by then is in checkpoints.
RunReport run_into_folder(const LabelPlan& plan, JobFolder& folder, const RunProgress& progress);

// Labels the only input of the plan into one file, which appears at the end.
RunReport run_into_file(const LabelPlan& plan, const std::filesystem::path& output,
                        const RunProgress& progress);

}  // namespace hasten::job
