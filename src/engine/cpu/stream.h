// A stream: threads and memory that run a prepared program on one batch at a time.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "base/thread_pool.h"
#include "engine/backend.h"
#include "engine/cpu/executable.h"
#include "engine/cpu/team.h"
#include "engine/cpu/workspace.h"

namespace hasten::engine::cpu {

// A large batch is cut into passes that the threads run each by themselves; a small one is shared
// by all of them, operation by operation.
class CpuStream final : public Stream {
 public:
  CpuStream(std::shared_ptr<const PreparedProgram> prepared, const StreamOptions& options);
  void run(const RaggedBatch& batch, std::span<float> logits) override;
  std::vector<ProfileEntry> take_profile() override;

 private:
  // What one thread has to itself.
  struct Lane {
    Workspace workspace;
    std::vector<std::int32_t> offsets;
    std::vector<ProfileEntry> profile;
  };

  void run_alone(const RaggedBatch& batch, std::span<float> logits, int thread);
  void run_pass(const RaggedBatch& part, const Workspace& workspace, const Worker& worker,
                std::vector<ProfileEntry>& profile) const;
  void copy_logits(const Workspace& workspace, std::size_t first, std::size_t count,
                   std::span<float> logits) const;
  void reserve(Workspace& workspace, const RaggedBatch& part) const;

  std::shared_ptr<const PreparedProgram> prepared_;
  bool profiles_;
  ThreadPool threads_;
  Barrier barrier_;
  std::vector<Lane> lanes_;
  Workspace shared_;  // of passes that all threads share
  std::vector<std::size_t> cut_;
  std::atomic<std::size_t> next_pass_{0};
};

}  // namespace hasten::engine::cpu
