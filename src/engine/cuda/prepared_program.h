// A program on one device: its weights there, its operations, its plan of memory.
#pragma once

#include <memory>
#include <vector>

#include "engine/cuda/operation.h"
#include "engine/cuda/product.h"
#include "engine/cuda/storage_map.h"
#include "engine/cuda/weight_store.h"

namespace hasten::engine::cuda {

// Tokens of a pass: enough to fill the device. Halved where its memory does not suffice.
inline constexpr std::size_t k_token_budget = 16384;

// What the lanes of a device share. Immutable once made.
struct PreparedProgram {
  // Throws k_out_of_memory, and k_unsupported for an instruction without a kernel.
  PreparedProgram(const Program& program, NumberType type, int the_device);

  int device;
  WeightStore weights;
  std::shared_ptr<AlgorithmCache> algorithms;
  std::vector<std::unique_ptr<Operation>> operations;
  std::vector<Lookup> lookups;  // of the program's Embed, without their tables
  MemoryPlan plan;
  StorageId logits{};
  std::size_t class_count;
};

}  // namespace hasten::engine::cuda
