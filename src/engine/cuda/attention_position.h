// What positions do to the scores of attention, on the device: see engine::DistanceScores, Rotation and the
// window of engine::Attention.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "engine/cuda/number.h"
#include "engine/cuda/weight_store.h"
#include "engine/program.h"

namespace hasten::engine::cuda {

// The vectors of distances, projected. Null rows: none.
struct DistanceVectorsView {
  const float* rows = nullptr;
  std::size_t row_stride = 0;
  std::size_t head_stride = 0;  // 0: all heads share a vector
  const std::int32_t* entries = nullptr;
  float scale = 0;
};

struct PositionView {
  DistanceVectorsView by_query, by_key;
  const float* bias = nullptr;  // heads x (2 limit - 1)
  std::int64_t limit = 0;
  const float* cosines = nullptr;  // positions x head_size
  const float* sines = nullptr;
  std::int64_t window = -1;  // -1: none
  // Whether there is any of it.
  bool any = false;
};

// Projects and uploads; the memory belongs to the store.
PositionView view_of(const Attention& attention, WeightStore& weights);

// One head of a query or key and where it stands in its sequence.
template <typename T>
struct HeadAt {
  const T* numbers;
  std::size_t position;
};

// Number i of it, turned where there is a rotation.
template <typename T>
__device__ inline float number_of(const HeadAt<T>& head, std::size_t i, std::size_t head_size,
                                  const PositionView& view) {
  const float number = to_float(head.numbers[i]);
  if (view.cosines == nullptr) return number;
  const std::size_t half = head_size / 2;
  const float other =
      i < half ? -to_float(head.numbers[i + half]) : to_float(head.numbers[i - half]);
  const std::size_t at = head.position * head_size + i;
  return number * view.cosines[at] + other * view.sines[at];
}

__device__ inline const float* vector_of(const DistanceVectorsView& vectors, std::size_t head,
                                         std::int64_t place) {
  return vectors.rows + static_cast<std::size_t>(vectors.entries[place]) * vectors.row_stride +
         head * vectors.head_stride;
}

// The score of a query and a key of head number `head`.
template <typename T>
__device__ inline float positional_score(const HeadAt<T>& query, const HeadAt<T>& key,
                                         std::size_t head, std::size_t head_size, float scale,
                                         const PositionView& view) {
  const auto distance =
      static_cast<std::int64_t>(query.position) - static_cast<std::int64_t>(key.position);
  if (view.window >= 0 && (distance > view.window || -distance > view.window)) return -INFINITY;
  const std::int64_t place = distance + view.limit - 1;
  const float* by_query =
      view.by_query.rows == nullptr ? nullptr : vector_of(view.by_query, head, place);
  const float* by_key = view.by_key.rows == nullptr ? nullptr : vector_of(view.by_key, head, place);
  float content = 0;
  float of_query = 0;
  float of_key = 0;
  for (std::size_t i = 0; i < head_size; ++i) {
    const float q = number_of(query, i, head_size, view);
    const float k = number_of(key, i, head_size, view);
    content += q * k;
    if (by_query != nullptr) of_query += q * by_query[i];
    if (by_key != nullptr) of_key += k * by_key[i];
  }
  float score = content * scale + of_query * view.by_query.scale + of_key * view.by_key.scale;
  if (view.bias != nullptr) {
    score += view.bias[head * static_cast<std::size_t>(2 * view.limit - 1) +
                       static_cast<std::size_t>(place)];
  }
  return score;
}

}  // namespace hasten::engine::cuda
