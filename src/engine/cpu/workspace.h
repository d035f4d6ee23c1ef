// Workspace: the memory that one run of a program works in.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/cpu/aligned_buffer.h"
#include "engine/memory_plan.h"

namespace hasten::engine::cpu {

// Index of a Storage in the memory plan.
enum class StorageId : std::size_t {};

class Workspace {
 public:
  // The plan must outlive the workspace.
  Workspace(const MemoryPlan& plan, int workers) : plan_(&plan), workers_(workers) {}

  // Makes room for a batch; allocates only when it is larger than any before.
  void reserve(std::size_t tokens, std::size_t sequences, std::size_t scratch_bytes);

  template <typename T>
  T* at(StorageId id) const {
    return reinterpret_cast<T*>(memory_.data() + layout_.offsets[static_cast<std::size_t>(id)]);
  }
  // A worker's own piece, of at least the scratch bytes reserved.
  template <typename T>
  T* scratch(int worker) const {
    return reinterpret_cast<T*>(scratch_.data() +
                                static_cast<std::size_t>(worker) * scratch_bytes_);
  }

 private:
  const MemoryPlan* plan_;
  int workers_;
  std::size_t tokens_ = 0;
  std::size_t sequences_ = 0;
  std::size_t scratch_bytes_ = 0;
  MemoryPlan::Layout layout_;
  AlignedBuffer memory_;
  AlignedBuffer scratch_;
};

}  // namespace hasten::engine::cpu
