// What the attention kernels are told.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/cuda/attention_position.h"
#include "engine/cuda/launch.h"
#include "engine/cuda/number.h"

namespace hasten::engine::cuda {

// A matrix of heads side by side: head h of row r starts at data + r * stride + h * head_size.
template <typename T>
struct HeadRows {
  const T* data = nullptr;
  std::size_t stride = 0;
};

template <typename T>
struct AttentionTask {
  HeadRows<T> query, key, value;
  std::size_t heads = 0;
  std::size_t head_size = 0;
  float scale = 0;
  PositionView position;
  bool first_token_only = false;  // one query a sequence: its first token's
  const std::int32_t* counts = nullptr;
  const std::int32_t* offsets = nullptr;
  const std::int32_t* sequences = nullptr;
  const std::int32_t* tiles = nullptr;
  Destination<T> to;  // rows of heads * head_size
};

// A warp a query and head, for any head size, type and use of positions.
template <typename T>
void attend_by_vectors(const AttentionTask<T>& task, std::size_t query_bound, cudaStream_t stream);

// Rows must start at multiples of so many 16-bit numbers, which are loaded at once.
inline constexpr std::size_t k_vector_numbers = 8;

// Sixteen queries of a head a warp, on tensor cores, for the 16-bit types, without positions.
bool has_tensor_kernel(std::size_t head_size);  // multiples of 16 up to 128
template <typename T>
void attend_by_tensor_cores(const AttentionTask<T>& task, std::size_t tile_bound,
                            cudaStream_t stream);

}  // namespace hasten::engine::cuda
