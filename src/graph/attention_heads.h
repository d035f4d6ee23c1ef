// Scaled dot-product attention over heads, as the interpreter computes every attention operator.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

namespace hasten::graph {

// Where the rows of each batch entry and head lie: data + batch * batch_stride + head * head_stride
// + row * row_stride, in elements.
template <typename Real>
struct Heads {
  const Real* data = nullptr;
  std::int64_t batch_stride = 0;
  std::int64_t head_stride = 0;
  std::int64_t row_stride = 0;

  const Real* row(std::int64_t batch, std::int64_t head, std::int64_t index) const {
    return data + batch * batch_stride + head * head_stride + index * row_stride;
  }
};

struct AttentionSizes {
  std::int64_t batch = 0;
  std::int64_t heads = 0;       // of queries
  std::int64_t queries = 0;     // rows
  std::int64_t keys = 0;        // rows of keys and values
  std::int64_t head_size = 0;   // of queries and keys
  std::int64_t value_size = 0;  // of values
  std::int64_t group = 1;       // heads of queries that share a head of keys and values
};

// Changes one row of scores or weights, one for each key.
template <typename Real>
using RowHook = std::function<void(std::int64_t batch, std::int64_t head, std::int64_t query,
                                   std::vector<Real>& row)>;

// observe(softmax(adjust(scale * Q K'))) V: `adjust` sees the scores before the softmax (masks,
// biases), `observe` (may be empty) the weights after it. The result is
// [batch, queries, heads, value_size].
template <typename Real>
std::vector<Real> attend(const AttentionSizes& sizes, const Heads<Real>& q, const Heads<Real>& k,
                         const Heads<Real>& v, Real scale, const RowHook<Real>& adjust,
                         const RowHook<Real>& observe = {}) {
  std::vector<Real> out(
      static_cast<std::size_t>(sizes.batch * sizes.queries * sizes.heads * sizes.value_size), 0);
  std::vector<Real> row(static_cast<std::size_t>(sizes.keys));
  const auto attend_query = [&](std::int64_t batch, std::int64_t head, std::int64_t query) {
    const Real* const left = q.row(batch, head, query);
    for (std::int64_t key = 0; key < sizes.keys; ++key) {
      const Real* const right = k.row(batch, head / sizes.group, key);
      Real dot = 0;
      for (std::int64_t at = 0; at < sizes.head_size; ++at) dot += left[at] * right[at];
      row[static_cast<std::size_t>(key)] = dot * scale;
    }
    adjust(batch, head, query, row);
    const Real peak = row.empty() ? 0 : *std::max_element(row.begin(), row.end());
    Real sum = 0;
    for (Real& score : row) sum += score = std::exp(score - peak);
    for (Real& score : row) score /= sum;
    if (observe) observe(batch, head, query, row);
    Real* const to =
        out.data() + ((batch * sizes.queries + query) * sizes.heads + head) * sizes.value_size;
    for (std::int64_t key = 0; key < sizes.keys; ++key) {
      const Real weight = row[static_cast<std::size_t>(key)];
      const Real* const value = v.row(batch, head / sizes.group, key);
      for (std::int64_t at = 0; at < sizes.value_size; ++at) to[at] += weight * value[at];
    }
  };
  for (std::int64_t batch = 0; batch < sizes.batch; ++batch) {
    for (std::int64_t head = 0; head < sizes.heads; ++head) {
      for (std::int64_t query = 0; query < sizes.queries; ++query) attend_query(batch, head, query);
    }
  }
  return out;
}

}  // namespace hasten::graph
