// SharedResults: what the tasks of a job tell each other, so that none computes a text that another
// one has computed.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "job/job_folder.h"
#include "job/label_plan.h"
#include "pipeline/block_pipeline.h"

namespace hasten::job {

//   _hasten/results/BINDING/RUN-NUMBER   a segment: results of one run, since its last one
//
// Each segment is written once, whole, under a name that no other run takes, and is read by all;
// there are no locks. A result binds to the settings, the models that see texts alike and, where
// scores depend on it, the processor (LabelPlan::arithmetic), so that it is bit for bit what the
// reader would compute. Segments that are damaged, gone or cannot be read are passed over: their
// texts are computed again. Used by one thread, that of the pipeline's sink.
class SharedResults {
 public:
  // The pipeline must keep its results; all must outlive this.
  SharedResults(const LabelPlan& plan, JobFolder& folder, pipeline::BlockPipeline& pipeline);

  // Takes what others have published until now; to be called before the first block.
  void receive();
  // To be called after each block: publishes and receives when it is time for it. Throws k_output.
  void exchange();
  // Publishes what is left, unless the job needs it no more. Throws k_output.
  void publish_rest();

  std::uint64_t received() const { return received_; }

 private:
  void publish();
  void receive(std::size_t group, const std::string& name);
  std::string folder_of(std::size_t group) const;

  const LabelPlan& plan_;
  JobFolder& folder_;
  pipeline::BlockPipeline& pipeline_;
  std::vector<std::string> bindings_;  // of each group
  std::string run_;                    // a random name
  std::uint64_t segments_ = 0;
  std::set<std::string> seen_;
  std::chrono::steady_clock::time_point last_;
  std::uint64_t received_ = 0;
};

}  // namespace hasten::job
