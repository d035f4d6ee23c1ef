// The parts of attention in text form that tests of its passes are put together from.
#pragma once

#include <string>
#include <string_view>

#include "graph/passes/rewrite_test.h"

namespace hasten::graph {

// Two heads of size 3 over a width of 6.
inline constexpr std::string_view k_attention_head = R"(
  opset com.microsoft 1
  input ids int64[batch, n]
  input attention_mask int64[batch, n]
  const words float32[9, 6] = ...
  const wq float32[6, 6] = ...
  const wk float32[6, 6] = ...
  const wv float32[6, 6] = ...
  const split int64[4] = 0 0 2 3
  const join int64[3] = 0 0 6
  const root float32[] = 1.7320508
)";

// q [batch, 2, n, 3], k [batch, 2, 3, n] and v [batch, 2, n, 3].
inline constexpr std::string_view k_attention_operands = R"(
  x = Gather(words, ids)
  q1 = MatMul(x, wq)
  k1 = MatMul(x, wk)
  v1 = MatMul(x, wv)
  q2 = Reshape(q1, split)
  k2 = Reshape(k1, split)
  v2 = Reshape(v1, split)
  q = Transpose(q2) {perm=[0, 2, 1, 3]}
  k = Transpose(k2) {perm=[0, 2, 3, 1]}
  v = Transpose(v2) {perm=[0, 2, 1, 3]}
)";

// From the scores s to y.
inline constexpr std::string_view k_attention_end = R"(
  p = Softmax(s) {axis=-1}
  c = MatMul(p, v)
  t = Transpose(c) {perm=[0, 2, 1, 3]}
  y = Reshape(t, join)
  output y
)";

// A bias of relative positions for as many tokens as there are: bias [1, 2, n, n].
inline constexpr std::string_view k_position_bias = R"(
  const table float32[9, 2] = 0.1 0.9 0.2 -0.8 -0.3 0.7 0.4 0.6 0.5 -0.5 -0.6 0.4 0.7 -0.3 0.8 0.2 0.9 0.1
  const zero int64[] = 0
  const one int64[] = 1
  const middle int64[] = 4
  const last_axis int64[1] = 1
  const first_axis int64[1] = 0
  const least int64[] = 0
  const most int64[] = 8
  shape = Shape(x)
  length = Gather(shape, one)
  range = Range(zero, length, one)
  rows = Unsqueeze(range, last_axis)
  columns = Unsqueeze(range, first_axis)
  distance = Sub(rows, columns)
  shifted = Add(distance, middle)
  bucket = Clip(shifted, least, most)
  looked_up = Gather(table, bucket)
  by_head = Transpose(looked_up) {perm=[2, 0, 1]}
  bias = Unsqueeze(by_head, first_axis)
)";

inline std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

// With a hole, padding on the left, and a row that keeps nothing.
inline std::map<std::string, Tensor> attention_inputs(DType mask_type = DType::k_int64) {
  const std::vector<std::int64_t> mask = {1, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0};
  return {{"ids", make_tensor<std::int64_t>({3, 4}, {0, 3, 8, 1, 5, 2, 2, 7, 6, 4, 0, 1})},
          {"attention_mask", mask_type == DType::k_int32
                                 ? make_tensor<std::int32_t>({3, 4}, {mask.begin(), mask.end()})
                                 : make_tensor<std::int64_t>({3, 4}, mask)}};
}

}  // namespace hasten::graph
