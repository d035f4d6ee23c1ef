// Dimensions of a product of matrices as numpy.matmul has it: vectors become matrices, leading dimensions
// broadcast.
#pragma once

#include <array>

#include "graph/broadcast.h"
#include "graph/operator_call.h"

namespace hasten::graph {

struct ProductDims {
  Dims batch;                 // the leading dimensions of the result
  std::array<Dims, 2> steps;  // of the operands, in matrices, over the batch
  std::int64_t rows = 0;
  std::int64_t depth = 0;
  std::int64_t columns = 0;
  Dims matrices;  // the batch, rows and columns
  Dims result;    // the same without the axes that vectors were given
};

// Throws k_malformed where the operands do not fit.
template <typename Real>
ProductDims product_dims(const OperatorCall<Real>& call, const Dims& a, const Dims& b) {
  call.check_shapes(!a.empty() && !b.empty());
  Dims left = a;
  Dims right = b;
  if (a.size() == 1) left.insert(left.begin(), 1);
  if (b.size() == 1) right.push_back(1);
  const std::span<const std::int64_t> left_batch = std::span(left).first(left.size() - 2);
  const std::span<const std::int64_t> right_batch = std::span(right).first(right.size() - 2);
  const auto batch = broadcast_dims(left_batch, right_batch);
  ProductDims dims;
  dims.depth = left.back();
  call.check_shapes(batch.has_value() && dims.depth == right[right.size() - 2]);
  dims.rows = left[left.size() - 2];
  dims.columns = right.back();
  dims.batch = *batch;
  dims.steps = {broadcast_strides(left_batch, *batch), broadcast_strides(right_batch, *batch)};
  dims.matrices = *batch;
  dims.matrices.insert(dims.matrices.end(), {dims.rows, dims.columns});
  dims.result = *batch;
  if (a.size() > 1) dims.result.push_back(dims.rows);
  if (b.size() > 1) dims.result.push_back(dims.columns);
  return dims;
}

}  // namespace hasten::graph
