// PartSink: writes the parts and their checkpoints from blocks in order.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "data/score_writer.h"
#include "job/job_folder.h"
#include "job/label_plan.h"
#include "job/part_state.h"
#include "pipeline/block.h"

namespace hasten::job {

class DigestingFile;

// What came of the parts so far.
struct SinkReport {
  RowCounts counts;  // of all rows of the shard that are labelled, in parts or on the way
  std::uint64_t rows_before = 0;      // of these, rows of earlier runs
  std::uint64_t parts = 0;            // done
  std::uint64_t bytes = 0;            // of inputs that were done in this run
  std::uint64_t bytes_under_way = 0;  // of the input that is being done, about; where known
  std::uint64_t bytes_before = 0;     // of those that were done before
  std::vector<std::pair<std::string, std::exception_ptr>> failures;  // by input
  std::string text_column;
  std::string id_column;
};

// Used by one thread. Throws k_output, and k_bad_data when there are more bad rows than the plan
// allows.
class PartSink {
 public:
  // Without a folder the only part is the file at `output`, which it replaces. All must outlive the
  // sink.
  PartSink(const LabelPlan& plan, JobFolder* folder, std::filesystem::path output,
           std::span<const PartState> parts);
  ~PartSink();

  void take(pipeline::Block& block);
  // Saves what is scored of a part that is not whole.
  void save_checkpoint();

  const SinkReport& report() const { return report_; }

 private:
  void open_writer(const PartState& part);
  void write_rows(pipeline::Block& block);
  void count_row(const pipeline::BlockScores& scores, std::size_t row, const char* status);
  void keep_for_checkpoint(const pipeline::Block& block);
  void end_part(const PartState& part);
  void commit(const PartState& part);
  void check_bad_rows() const;

  const LabelPlan& plan_;
  JobFolder* folder_;
  std::filesystem::path output_;
  std::span<const PartState> parts_;
  std::string settings_;

  std::unique_ptr<data::ScoreWriter> writer_;  // of the part at hand
  std::shared_ptr<DigestingFile> file_;
  const PartState* part_ = nullptr;
  RowCounts counts_;
  std::uint64_t rows_before_ = 0;
  Checkpoint pending_;  // scored in this run and in no checkpoint yet
  std::uint64_t bad_rows_ = 0;
  SinkReport report_;
};

}  // namespace hasten::job
