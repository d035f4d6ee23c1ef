// Attention on tensor cores. A block attends for up to 64 queries of one head of one sequence, sixteen a
// warp; keys and values pass through shared memory, 64 at a time. Scores stay in registers: the result of
// the first product is, pair for pair, the left matrix of the second (as in FlashAttention-2, arXiv
// 2307.08691, whose running maximum and sum are used too). Weights are rounded to T before the second
// product; sums are float32.
#include <cmath>

#include "engine/cuda/attention_task.h"
#include "engine/cuda/device_batch.h"
#include "engine/cuda/fragment.h"
#include "engine/cuda/reduce.h"
#include "engine/cuda/wide_access.h"

namespace hasten::engine::cuda {
namespace {

constexpr int k_warps = 4;
constexpr int k_threads = k_warps * k_warp;
constexpr int k_warp_queries = 16;
constexpr int k_tile_keys = 64;
constexpr int k_columns = 8;  // of a product's result
constexpr int k_depth = 16;   // of a product
static_assert(k_warps * k_warp_queries == k_tile_queries);

// Rows of shared memory are padded so that the lanes of a warp hit different banks.
template <int head_size>
constexpr int k_row = head_size + 8;

// What a warp carries from one tile of keys to the next; a lane has two rows of its sixteen.
template <int head_size>
struct Running {
  float sums[head_size / k_columns][4] = {};
  float highest[2] = {-INFINITY, -INFINITY};
  float weights[2] = {0, 0};
};

// The place of this lane in a fragment: see fragment.h.
struct Place {
  int group, pair;
};
__device__ inline Place place_of_lane() {
  const int lane = static_cast<int>(threadIdx.x) % k_warp;
  return {lane / 4, lane % 4 * 2};
}

// Over the four lanes that share a row.
__device__ inline float row_max(float value) {
  value = fmaxf(value, __shfl_xor_sync(k_all_lanes, value, 1));
  return fmaxf(value, __shfl_xor_sync(k_all_lanes, value, 2));
}
__device__ inline float row_sum(float value) {
  value += __shfl_xor_sync(k_all_lanes, value, 1);
  return value + __shfl_xor_sync(k_all_lanes, value, 2);
}

// Copies `count` rows of a head into a tile, and zeros, which weigh nothing, for as many rows more as a product takes.
template <typename T, int head_size>
__device__ void load_tile(const T* rows, std::size_t stride, int count, T* tile) {
  constexpr int k_vectors = head_size / k_vector_numbers;
  const int rows_filled = (count + k_depth - 1) / k_depth * k_depth;
  for (int i = static_cast<int>(threadIdx.x); i < rows_filled * k_vectors; i += k_threads) {
    const int row = i / k_vectors;
    const int column = i % k_vectors * static_cast<int>(k_vector_numbers);
    const T* from = rows + static_cast<std::size_t>(row) * stride + column;
    auto* to = reinterpret_cast<uint4*>(tile + row * k_row<head_size> + column);
    *to = row < count ? *reinterpret_cast<const uint4*>(from) : uint4{0, 0, 0, 0};
  }
}

template <typename T, int head_size>
__device__ void load_queries(const T* queries, std::size_t stride, int count,
                             std::uint32_t (&fragments)[head_size / k_depth][4]) {
  const Place place = place_of_lane();
  for (int step = 0; step < head_size / k_depth; ++step) {
    for (int part = 0; part < 4; ++part) {
      const int row = place.group + part % 2 * 8;
      const int column = step * k_depth + place.pair + part / 2 * 8;
      const T* at =
          queries + static_cast<std::size_t>(row) * stride + static_cast<std::size_t>(column);
      fragments[step][part] = row < count ? load_pair(at) : 0;
    }
  }
}

// scores[n] of keys 8 n .. 8 n + 7; those past `keys` are minus infinity.
template <typename T, int head_size>
__device__ void score_tile(const std::uint32_t (&queries)[head_size / k_depth][4], const T* tile,
                           int keys, float scale, float (&scores)[k_tile_keys / k_columns][4]) {
  const Place place = place_of_lane();
#pragma unroll
  for (int n = 0; n < k_tile_keys / k_columns; ++n) {
    float result[4] = {};
    if (n * k_columns < keys) {
      const T* key = tile + (n * k_columns + place.group) * k_row<head_size> + place.pair;
#pragma unroll
      for (int step = 0; step < head_size / k_depth; ++step) {
        multiply_add<T>(result, queries[step], load_pair(key + step * k_depth),
                        load_pair(key + step * k_depth + 8));
      }
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const bool is_key = n * k_columns + place.pair + i % 2 < keys;
      scores[n][i] = is_key ? result[i] * scale : -INFINITY;
    }
  }
}

// Scores become weights relative to the new maximum, and what was summed before is scaled to it.
template <int head_size>
__device__ void weigh(float (&scores)[k_tile_keys / k_columns][4], Running<head_size>& running) {
#pragma unroll
  for (int row = 0; row < 2; ++row) {
    float highest = running.highest[row];
#pragma unroll
    for (auto& score : scores) highest = fmaxf(highest, fmaxf(score[2 * row], score[2 * row + 1]));
    highest = row_max(highest);
    const float kept = expf(running.highest[row] - highest);
    float sum = 0;
#pragma unroll
    for (auto& score : scores) {
      score[2 * row] = expf(score[2 * row] - highest);
      score[2 * row + 1] = expf(score[2 * row + 1] - highest);
      sum += score[2 * row] + score[2 * row + 1];
    }
    running.weights[row] = running.weights[row] * kept + row_sum(sum);
    running.highest[row] = highest;
#pragma unroll
    for (auto& part : running.sums) {
      part[2 * row] *= kept;
      part[2 * row + 1] *= kept;
    }
  }
}

template <typename T, int head_size>
__device__ void add_values(const float (&weights)[k_tile_keys / k_columns][4], const T* tile,
                           int keys, Running<head_size>& running) {
  const Place place = place_of_lane();
#pragma unroll
  for (int step = 0; step < k_tile_keys / k_depth; ++step) {
    if (step * k_depth >= keys) break;
    const auto& low = weights[2 * step];
    const auto& high = weights[2 * step + 1];
    const std::uint32_t left[4] = {pack(from_float<T>(low[0]), from_float<T>(low[1])),
                                   pack(from_float<T>(low[2]), from_float<T>(low[3])),
                                   pack(from_float<T>(high[0]), from_float<T>(high[1])),
                                   pack(from_float<T>(high[2]), from_float<T>(high[3]))};
#pragma unroll
    for (int n = 0; n < head_size / k_columns; ++n) {
      const T* value =
          tile + (step * k_depth + place.pair) * k_row<head_size> + n * k_columns + place.group;
      const T* later = value + 8 * k_row<head_size>;
      multiply_add<T>(running.sums[n], left, pack(value[0], value[k_row<head_size>]),
                      pack(later[0], later[k_row<head_size>]));
    }
  }
}

template <typename T, int head_size>
__device__ void write_queries(const AttentionTask<T>& task, const Running<head_size>& running,
                              std::size_t first_row, int count, std::size_t column) {
  const Place place = place_of_lane();
#pragma unroll
  for (int n = 0; n < head_size / k_columns; ++n) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int row = place.group + half * 8;
      if (row >= count) continue;
      const std::size_t at = (first_row + static_cast<std::size_t>(row)) * task.heads * head_size +
                             column + static_cast<std::size_t>(n * k_columns + place.pair);
      const float pair[2] = {running.sums[n][2 * half] / running.weights[half],
                             running.sums[n][2 * half + 1] / running.weights[half]};
      write_numbers(task.to, at, pair);
    }
  }
}

// Grid: tiles x heads.
template <typename T, int head_size>
__global__ void attend(AttentionTask<T> task) {
  if (blockIdx.x >= static_cast<unsigned>(task.counts[k_count_tiles])) return;
  T* key_tile = dynamic_shared<T>();
  T* value_tile = key_tile + k_tile_keys * k_row<head_size>;
  const int sequence = task.tiles[2 * blockIdx.x];
  const int first = task.offsets[sequence];
  const int length = task.offsets[sequence + 1] - first;
  const int warp_first =
      task.tiles[2 * blockIdx.x + 1] + static_cast<int>(threadIdx.x) / k_warp * k_warp_queries;
  const int queries = min(k_warp_queries, length - warp_first);  // of this warp; may be none
  const std::size_t column = blockIdx.y * static_cast<std::size_t>(head_size);
  const auto query_row = static_cast<std::size_t>(first + warp_first);

  std::uint32_t query_fragments[head_size / k_depth][4];
  load_queries<T, head_size>(task.query.data + query_row * task.query.stride + column,
                             task.query.stride, queries, query_fragments);
  Running<head_size> running;
  for (int key = 0; key < length; key += k_tile_keys) {
    const int keys = min(k_tile_keys, length - key);
    const auto row = static_cast<std::size_t>(first + key);
    __syncthreads();  // everybody has done with the tile before
    load_tile<T, head_size>(task.key.data + row * task.key.stride + column, task.key.stride, keys,
                            key_tile);
    load_tile<T, head_size>(task.value.data + row * task.value.stride + column, task.value.stride,
                            keys, value_tile);
    __syncthreads();
    if (queries <= 0) continue;
    float scores[k_tile_keys / k_columns][4];
    score_tile<T, head_size>(query_fragments, key_tile, keys, task.scale, scores);
    weigh(scores, running);
    add_values<T, head_size>(scores, value_tile, keys, running);
  }
  if (queries > 0) write_queries<T, head_size>(task, running, query_row, queries, column);
}

template <typename T, int head_size>
void start(const AttentionTask<T>& task, std::size_t tile_bound, cudaStream_t stream) {
  constexpr std::size_t k_shared = 2 * k_tile_keys * k_row<head_size> * sizeof(T);
  static_assert(k_shared <= std::size_t{48} << 10);
  const dim3 blocks(static_cast<unsigned>(tile_bound), static_cast<unsigned>(task.heads));
  launch(attend<T, head_size>, {blocks, k_threads, k_shared}, stream, task);
}

int compute_capability() {
  int device = 0;
  int major = 0;
  check(cudaGetDevice(&device), "the GPU cannot be asked");
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device),
        "the GPU cannot be asked");
  return major;
}

}  // namespace

bool has_tensor_kernel(std::size_t head_size) {
  return head_size % k_depth == 0 && head_size > 0 && head_size <= 128 && compute_capability() >= 8;
}

template <typename T>
void attend_by_tensor_cores(const AttentionTask<T>& task, std::size_t tile_bound,
                            cudaStream_t stream) {
  switch (task.head_size) {
    case 16:
      return start<T, 16>(task, tile_bound, stream);
    case 32:
      return start<T, 32>(task, tile_bound, stream);
    case 48:
      return start<T, 48>(task, tile_bound, stream);
    case 64:
      return start<T, 64>(task, tile_bound, stream);
    case 80:
      return start<T, 80>(task, tile_bound, stream);
    case 96:
      return start<T, 96>(task, tile_bound, stream);
    case 112:
      return start<T, 112>(task, tile_bound, stream);
    case 128:
      return start<T, 128>(task, tile_bound, stream);
    default:
      return;  // has_tensor_kernel() says no
  }
}

template void attend_by_tensor_cores(const AttentionTask<BFloat16>&, std::size_t, cudaStream_t);
template void attend_by_tensor_cores(const AttentionTask<Float16>&, std::size_t, cudaStream_t);

}  // namespace hasten::engine::cuda
