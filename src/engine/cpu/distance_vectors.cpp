#include "engine/cpu/distance_vectors.h"

#include <cassert>

#include "engine/cpu/packed_weight.h"

namespace hasten::engine::cpu {
namespace {

// Distances that a last, incomplete vector of queries reads past the last one.
constexpr std::size_t k_padding = 48;

// rows x weight + bias in float32.
std::vector<float> project(const DistanceVectors& vectors, const KernelTable& kernels) {
  Linear linear;
  linear.weight = *vectors.weight;
  Program program;
  program.instructions.emplace_back(linear);
  WeightStore store(program, kernels);
  const PackedWeight packed = store.pack(linear.weight, Precision::k_float32, false);
  const std::vector<float> left = to_float32(vectors.rows);
  const std::size_t columns = packed.shape.columns;
  const std::vector<float> bias =
      padded_vector(vectors.bias ? &*vectors.bias : nullptr, round_up(columns, 16));
  GemmTask task;
  task.left = left.data();
  task.left_stride = task.depth = packed.shape.depth;
  task.rows = left.size() / packed.shape.depth;
  task.columns = task.output_stride = columns;
  task.panels = packed.panels;
  task.bias = bias.data();
  std::vector<float> output(task.rows * columns);
  task.output = output.data();
  kernels.gemm_float32(task, 0, packed.shape.panels());
  return output;
}

}  // namespace

DistanceVectorTable::DistanceVectorTable(const DistanceVectors& vectors, std::int64_t limit,
                                         std::size_t heads, std::size_t head_size,
                                         const KernelTable& kernels)
    : kernel_(kernels.spread),
      rows_(vectors.weight ? project(vectors, kernels) : to_float32(vectors.rows)),
      head_size_(head_size),
      entries_(vectors.entries),
      limit_(limit) {
  assert(static_cast<std::int64_t>(entries_.size()) == 2 * limit - 1);
  row_stride_ = rows_.size() / static_cast<std::size_t>(vectors.rows.dims[0]);
  assert(row_stride_ == head_size || row_stride_ == heads * head_size);
  static_cast<void>(heads);
  if (row_stride_ != head_size) head_stride_ = head_size;
  entries_.resize(entries_.size() + k_padding, entries_.back());
}

void DistanceVectorTable::spread(std::size_t head, std::int64_t first, std::size_t count,
                                 float factor, float* output, std::size_t output_stride) const {
  const auto begin = static_cast<std::size_t>(first + limit_ - 1);
  assert(begin + count <= entries_.size());
  kernel_({.rows = rows_.data() + head * head_stride_,
           .row_stride = row_stride_,
           .entries = entries_.data() + begin,
           .count = count,
           .width = head_size_,
           .scale = factor,
           .output = output,
           .output_stride = output_stride});
}

}  // namespace hasten::engine::cpu
