// PartSource: the rows of a run's inputs, one input after the other, as blocks.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "data/remote_files.h"
#include "data/text_reader.h"
#include "job/job_folder.h"
#include "job/label_plan.h"
#include "job/part_state.h"
#include "pipeline/block.h"

namespace hasten::job {

// For each part: blocks of its rows, with the scores of those that lie in checkpoints, then a block
// without rows. A part that is done already has only that one. Used by one thread.
class PartSource {
 public:
  // Without a folder nothing is hashed and nothing resumed. `parts` has one state for each input of
  // the shard; all must outlive the source.
  PartSource(const LabelPlan& plan, JobFolder* folder, std::span<PartState> parts);

  // Fills the next block; false after the last. What is wrong with one input is in its state;
  // throws what concerns the whole job.
  bool next(pipeline::Block& block);

 private:
  void open_part();
  bool is_done(PartState& part);
  void read_rows(pipeline::Block& block);
  std::size_t rows_wanted();
  void take_checkpointed(pipeline::Block& block);
  void end_part(pipeline::Block& block, std::exception_ptr error);
  bool is_stamp_same(const PartState& part) const;

  const LabelPlan& plan_;
  JobFolder* folder_;
  std::span<PartState> parts_;
  std::string settings_;
  std::size_t current_ = 0;
  bool is_open_ = false;
  std::unique_ptr<data::RowReader> reader_;
  data::FileStamp stamp_;
  std::uint64_t next_row_ = 0;
  bool at_end_ = false;
  std::optional<Checkpoint> checkpoint_;  // of which rows from next_row_ on are to come
};

}  // namespace hasten::job
