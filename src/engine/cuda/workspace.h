// Workspace: the device memory that one lane runs a program in.
#pragma once

#include <cstddef>

#include "engine/cuda/device_batch.h"
#include "engine/cuda/memory.h"
#include "engine/cuda/number.h"
#include "engine/cuda/storage_map.h"

namespace hasten::engine::cuda {

class Workspace {
 public:
  // The plan must outlive the workspace.
  explicit Workspace(const MemoryPlan& plan) : plan_(&plan) {}

  bool holds(const SizeClass& size_class) const {
    return size_class.tokens <= tokens_ && size_class.sequences <= sequences_;
  }

  // Makes room for batches of a size class. Addresses change where it did not hold them, and what was
  // recorded with the old ones is void. Throws k_out_of_memory, and then holds nothing.
  void reserve(const SizeClass& size_class) {
    if (holds(size_class)) return;
    const std::size_t tokens = std::max(tokens_, size_class.tokens);
    const std::size_t sequences = std::max(sequences_, size_class.sequences);
    tokens_ = sequences_ = 0;
    memory_ = DeviceMemory();  // the old one first, so that both are never there at once
    layout_ = plan_->layout(tokens, sequences);
    memory_ = DeviceMemory(layout_.size);
    tokens_ = tokens;
    sequences_ = sequences;
  }

  template <typename T>
  T* at(StorageId id) const {
    return reinterpret_cast<T*>(memory_.data() + layout_.offsets[static_cast<std::size_t>(id)]);
  }
  template <typename T>
  T* at(const std::optional<StorageId>& id) const {
    return id ? at<T>(*id) : nullptr;
  }
  // Where an instruction writes a buffer.
  template <typename T>
  Destination<T> destination(const Forms& forms) const {
    return {at<float>(forms.float32), at<T>(forms.narrow)};
  }

 private:
  const MemoryPlan* plan_;
  std::size_t tokens_ = 0;
  std::size_t sequences_ = 0;
  MemoryPlan::Layout layout_;
  DeviceMemory memory_;
};

}  // namespace hasten::engine::cuda
