// A program whose weights are packed for one instruction set.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/backend.h"
#include "engine/cpu/isa/table.h"
#include "engine/cpu/operation.h"
#include "engine/cpu/packed_weight.h"
#include "engine/memory_plan.h"

namespace hasten::engine::cpu {

// What the streams of an executable share.
struct PreparedProgram {
  PreparedProgram(const Program& program, const KernelTable& kernels);

  const KernelTable& kernels;
  std::string description;
  WeightStore weights;
  std::vector<std::unique_ptr<Operation>> operations;
  MemoryPlan plan;
  StorageId logits{};
  std::size_t class_count = 0;
  std::size_t pass_tokens = 0;  // see block_sizes.h

  std::size_t scratch_bytes(std::size_t longest) const;
};

class CpuExecutable final : public Executable {
 public:
  CpuExecutable(const Program& program, const KernelTable& kernels)
      : prepared_(std::make_shared<const PreparedProgram>(program, kernels)) {}
  std::unique_ptr<Stream> make_stream(const StreamOptions& options) const override;
  std::string description() const override;

 private:
  std::shared_ptr<const PreparedProgram> prepared_;  // streams may outlive the executable
};

}  // namespace hasten::engine::cpu
