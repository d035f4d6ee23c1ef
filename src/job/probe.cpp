#include "job/probe.h"

#include <chrono>
#include <memory>

#include "job/open_input.h"

namespace hasten::job {
namespace {

using Clock = std::chrono::steady_clock;

// Few, so that a slow model ends soon.
constexpr std::size_t k_block_rows = 128;

// Rows of the inputs, one after the other, until the time is over.
class TimedSource {
 public:
  TimedSource(const LabelPlan& plan, Probe& probe, double seconds)
      : plan_(plan),
        probe_(probe),
        end_(Clock::now() +
             std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds))) {}

  bool next(pipeline::Block& block) {
    while (block.rows.empty()) {
      if (Clock::now() >= end_ || (!reader_ && input_ == plan_.shard.size())) return false;
      if (!reader_) open();
      if (!reader_->read(block.rows, k_block_rows)) reader_.reset();
    }
    return true;
  }

 private:
  void open() {
    reader_ = open_input(plan_, plan_.inputs[plan_.shard[input_]]);
    if (input_++ > 0) return;
    probe_.text_column = reader_->text_column();
    probe_.id_column = reader_->id_column();
  }

  const LabelPlan& plan_;
  Probe& probe_;
  Clock::time_point end_;
  std::size_t input_ = 0;
  std::unique_ptr<data::RowReader> reader_;
};

}  // namespace

Probe probe(const LabelPlan& plan, double seconds) {
  Probe probe;
  std::vector<pipeline::BulkModel> models;
  for (const JobModel& model : plan.models) models.push_back(model.bulk);
  pipeline::BlockPipeline pipeline(models, plan.pipeline);
  TimedSource source(plan, probe, seconds);
  const auto start = Clock::now();
  pipeline.run([&](pipeline::Block& block) { return source.next(block); },
               [&](pipeline::Block& block) { probe.rows += block.rows.size(); });
  probe.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  probe.tokens = pipeline.counters().encoded_tokens;
  return probe;
}

}  // namespace hasten::job
