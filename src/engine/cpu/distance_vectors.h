// The vectors of distances (see program.h), computed once and laid out for the kernels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/cpu/isa/table.h"
#include "engine/program.h"

namespace hasten::engine::cpu {

class DistanceVectorTable {
 public:
  // Computes rows x weight + bias where there is a weight. The vectors are as wide as `heads` heads
  // or as one.
  DistanceVectorTable(const DistanceVectors& vectors, std::int64_t limit, std::size_t heads,
                      std::size_t head_size, const KernelTable& kernels);

  // Writes output[i][j] = factor * element i of one head's vector of distance first + j, for
  // `count` distances (a multiple of 16); past the last distance, the last one again.
  void spread(std::size_t head, std::int64_t first, std::size_t count, float factor, float* output,
              std::size_t output_stride) const;

 private:
  SpreadKernel kernel_;
  std::vector<float> rows_;
  std::size_t row_stride_ = 0;
  std::size_t head_stride_ = 0;
  std::size_t head_size_;
  std::vector<std::int32_t> entries_;
  std::int64_t limit_;
};

}  // namespace hasten::engine::cpu
