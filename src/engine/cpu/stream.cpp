#include "engine/cpu/stream.h"

#include <algorithm>
#include <cassert>
#include <functional>

#include "base/thread_clock.h"
#include "engine/cpu/batch_cut.h"
#include "engine/cpu/float_environment.h"

namespace hasten::engine::cpu {
CpuStream::CpuStream(std::shared_ptr<const PreparedProgram> prepared, const StreamOptions& options)
    : prepared_(std::move(prepared)),
      profiles_(options.profile),
      threads_(options.threads),
      barrier_(threads_.size()),
      shared_(prepared_->plan, threads_.size()) {
  std::vector<ProfileEntry> profile;
  for (const auto& operation : prepared_->operations)
    profile.push_back({operation->name(), 0, 0, 0});
  for (int thread = 0; thread < threads_.size(); ++thread) {
    lanes_.push_back({Workspace(prepared_->plan, 1), {}, profile});
  }
}

void CpuStream::run(const RaggedBatch& batch, std::span<float> logits) {
  assert(logits.size() == batch.sequence_count() * prepared_->class_count);
  assert(batch.type_ids.size() == batch.token_ids.size());
  if (batch.sequence_count() == 0) return;
  cut_batch(batch, prepared_->pass_tokens, threads_.size(), cut_);
  if (threads_.size() == 1) {
    next_pass_ = 0;
    return run_alone(batch, logits, 0);
  }
  if (cut_.size() > 2) {
    next_pass_ = 0;
    const auto task = [&](int thread) { run_alone(batch, logits, thread); };
    return threads_.run(std::ref(task));
  }
  reserve(shared_, batch);
  const auto task = [&](int thread) {
    run_pass(batch, shared_, {thread, threads_.size(), &barrier_},
             lanes_[static_cast<std::size_t>(thread)].profile);
  };
  threads_.run(std::ref(task));
  copy_logits(shared_, 0, batch.sequence_count(), logits);
}

// Takes passes until none is left.
void CpuStream::run_alone(const RaggedBatch& batch, std::span<float> logits, int thread) {
  Lane& lane = lanes_[static_cast<std::size_t>(thread)];
  for (;;) {
    const std::size_t pass = next_pass_.fetch_add(1, std::memory_order_relaxed);
    if (pass + 1 >= cut_.size()) return;
    const RaggedBatch part = part_of(batch, cut_[pass], cut_[pass + 1], lane.offsets);
    reserve(lane.workspace, part);
    run_pass(part, lane.workspace, {}, lane.profile);
    copy_logits(lane.workspace, cut_[pass], part.sequence_count(), logits);
  }
}

void CpuStream::run_pass(const RaggedBatch& part, const Workspace& workspace, const Worker& worker,
                         std::vector<ProfileEntry>& profile) const {
  const FloatEnvironment environment;
  if (!profiles_) {
    for (const auto& operation : prepared_->operations) {
      operation->run(part, workspace, worker);
      worker.meet();
    }
    return;
  }
  for (std::size_t i = 0; i < prepared_->operations.size(); ++i) {
    const Operation& operation = *prepared_->operations[i];
    const double start = thread_seconds();
    operation.run(part, workspace, worker);
    worker.meet();
    profile[i].seconds += thread_seconds() - start;
    if (worker.index > 0) continue;
    profile[i].flops += operation.flops(part);
    profile[i].calls += 1;
  }
}

void CpuStream::copy_logits(const Workspace& workspace, std::size_t first, std::size_t count,
                            std::span<float> logits) const {
  const std::size_t classes = prepared_->class_count;
  std::copy_n(workspace.at<float>(prepared_->logits), count * classes, &logits[first * classes]);
}

void CpuStream::reserve(Workspace& workspace, const RaggedBatch& part) const {
  workspace.reserve(part.token_count(), part.sequence_count(),
                    prepared_->scratch_bytes(longest_sequence(part)));
}

std::vector<ProfileEntry> CpuStream::take_profile() {
  std::vector<ProfileEntry> kinds;
  if (!profiles_) return kinds;
  for (Lane& lane : lanes_) {
    for (ProfileEntry& entry : lane.profile) {
      auto kind = std::find_if(kinds.begin(), kinds.end(),
                               [&](const ProfileEntry& other) { return other.name == entry.name; });
      if (kind == kinds.end()) {
        kinds.push_back({entry.name, 0, 0, 0});
        kind = kinds.end() - 1;
      }
      kind->seconds += entry.seconds;
      kind->flops += entry.flops;
      kind->calls += entry.calls;
      entry.seconds = entry.flops = 0;
      entry.calls = 0;
    }
  }
  return kinds;
}

}  // namespace hasten::engine::cpu
