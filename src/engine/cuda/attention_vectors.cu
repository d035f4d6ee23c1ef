// Attention of one query and head by one warp: the lanes share out the keys for the scores, and the
// numbers of a head for the sum of the values. Sums are kept in float32 with a running maximum, so that one
// pass over the keys suffices.
#include <cmath>

#include "engine/cuda/attention_task.h"
#include "engine/cuda/reduce.h"

namespace hasten::engine::cuda {
namespace {

constexpr int k_warps = 4;
constexpr std::size_t k_numbers = 8;  // of a head, for each lane
constexpr std::size_t k_group = k_numbers * k_warp;

// One query's keys and values of one head.
template <typename T>
struct HeadOfSequence {
  HeadAt<T> query;
  std::size_t number;
  const T* key;
  const T* value;
  std::size_t keys;
};

template <typename T>
__device__ float score_of(const AttentionTask<T>& task, const HeadOfSequence<T>& head,
                          std::size_t key) {
  if (key >= head.keys) return -INFINITY;
  const T* row = head.key + key * task.key.stride;
  if (task.position.any) {
    return positional_score(head.query, {row, key}, head.number, task.head_size, task.scale,
                            task.position);
  }
  float sum = 0;
  for (std::size_t i = 0; i < task.head_size; ++i)
    sum += to_float(head.query.numbers[i]) * to_float(row[i]);
  return sum * task.scale;
}

// Numbers [start, start + k_group) of one head's output, at task.to + `output`.
template <typename T>
__device__ void attend_group(const AttentionTask<T>& task, const HeadOfSequence<T>& head,
                             std::size_t start, std::size_t output) {
  const std::size_t lane = threadIdx.x % k_warp;
  float sums[k_numbers] = {};
  float highest = -INFINITY;
  float weight_sum = 0;
  for (std::size_t first = 0; first < head.keys; first += k_warp) {
    const float score = score_of(task, head, first + lane);
    const float higher = fmaxf(highest, warp_max(score));
    if (higher == -INFINITY) continue;  // no key of these is in the window
    const float kept = expf(highest - higher);
    const float weight = expf(score - higher);
    highest = higher;
    weight_sum = weight_sum * kept + warp_sum(weight);
    for (float& sum : sums) sum *= kept;
    for (int other = 0; other < k_warp; ++other) {
      const float its_weight = __shfl_sync(k_all_lanes, weight, other);
      const std::size_t key = first + static_cast<std::size_t>(other);
      if (key >= head.keys) continue;
      for (std::size_t i = 0; i < k_numbers; ++i) {
        const std::size_t number = start + i * k_warp + lane;
        if (number >= task.head_size) break;
        sums[i] += its_weight * to_float(head.value[key * task.value.stride + number]);
      }
    }
  }
  for (std::size_t i = 0; i < k_numbers; ++i) {
    const std::size_t number = start + i * k_warp + lane;
    if (number < task.head_size) task.to.write(output + number, sums[i] / weight_sum);
  }
}

template <typename T>
__global__ void attend(AttentionTask<T> task) {
  const std::size_t query = static_cast<std::size_t>(blockIdx.x) * k_warps + threadIdx.x / k_warp;
  const std::size_t head = blockIdx.y;
  const std::size_t queries = static_cast<std::size_t>(task.counts[task.first_token_only ? 1 : 0]);
  if (query >= queries) return;
  const std::size_t sequence =
      task.first_token_only ? query : static_cast<std::size_t>(task.sequences[query]);
  const auto first = static_cast<std::size_t>(task.offsets[sequence]);
  const std::size_t column = head * task.head_size;
  const std::size_t position = task.first_token_only ? 0 : query - first;
  const HeadOfSequence<T> operands{{task.query.data + query * task.query.stride + column, position},
                                   head,
                                   task.key.data + first * task.key.stride + column,
                                   task.value.data + first * task.value.stride + column,
                                   static_cast<std::size_t>(task.offsets[sequence + 1]) - first};
  const std::size_t output = query * task.heads * task.head_size + column;
  for (std::size_t start = 0; start < task.head_size; start += k_group) {
    attend_group(task, operands, start, output);
  }
}

}  // namespace

template <typename T>
void attend_by_vectors(const AttentionTask<T>& task, std::size_t query_bound, cudaStream_t stream) {
  const dim3 blocks(blocks_for(query_bound, k_warps), static_cast<unsigned>(task.heads));
  launch(attend<T>, {blocks, k_warps * k_warp}, stream, task);
}

template void attend_by_vectors(const AttentionTask<float>&, std::size_t, cudaStream_t);
template void attend_by_vectors(const AttentionTask<BFloat16>&, std::size_t, cudaStream_t);
template void attend_by_vectors(const AttentionTask<Float16>&, std::size_t, cudaStream_t);

}  // namespace hasten::engine::cuda
