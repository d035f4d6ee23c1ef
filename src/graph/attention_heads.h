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

// softmax(adjust(scale * Q K')) V. adjust(batch, head, query, scores) changes a row of scores, one
// for each key, before the softmax: masks, biases. The result is [batch, queries, heads,
// value_size].
template <typename Real>
std::vector<Real> attend(const AttentionSizes& sizes, const Heads<Real>& q, const Heads<Real>& k,
                         const Heads<Real>& v, Real scale,
                         const std::function<void(std::int64_t, std::int64_t, std::int64_t,
                                                  std::vector<Real>&)>& adjust) {
  std::vector<Real> out(
      static_cast<std::size_t>(sizes.batch * sizes.queries * sizes.heads * sizes.value_size), 0);
  std::vector<Real> scores(static_cast<std::size_t>(sizes.keys));
  for (std::int64_t batch = 0; batch < sizes.batch; ++batch) {
    for (std::int64_t head = 0; head < sizes.heads; ++head) {
      for (std::int64_t query = 0; query < sizes.queries; ++query) {
        const Real* const left = q.row(batch, head, query);
        for (std::int64_t key = 0; key < sizes.keys; ++key) {
          const Real* const right = k.row(batch, head / sizes.group, key);
          Real dot = 0;
          for (std::int64_t at = 0; at < sizes.head_size; ++at) dot += left[at] * right[at];
          scores[static_cast<std::size_t>(key)] = dot * scale;
        }
        adjust(batch, head, query, scores);
        Real sum = 0;
        const Real peak = scores.empty() ? 0 : *std::max_element(scores.begin(), scores.end());
        for (Real& score : scores) sum += score = std::exp(score - peak);
        Real* const to =
            out.data() + ((batch * sizes.queries + query) * sizes.heads + head) * sizes.value_size;
        for (std::int64_t key = 0; key < sizes.keys; ++key) {
          const Real weight = scores[static_cast<std::size_t>(key)] / sum;
          const Real* const row = v.row(batch, head / sizes.group, key);
          for (std::int64_t at = 0; at < sizes.value_size; ++at) to[at] += weight * row[at];
        }
      }
    }
  }
  return out;
}

}  // namespace hasten::graph
