#include "graph/broadcast.h"
#include "graph/matrix_product.h"
#include "graph/quantization.h"

namespace hasten::graph {
namespace {

// The elements less their zero points. `index_of` gives the place of an element's zero point.
template <typename Index>
std::vector<std::int64_t> centred(const IntegerMatrix& matrix, Index index_of) {
  std::vector<std::int64_t> out(matrix.values.begin(), matrix.values.end());
  const std::vector<std::int64_t>& zeros = matrix.zero_points;
  for (std::size_t k = 0; k < out.size(); ++k) out[k] -= zeros[zeros.size() == 1 ? 0 : index_of(k)];
  return out;
}

}  // namespace

template <typename Real>
std::pair<Dims, std::vector<std::int64_t>> integer_product(const OperatorCall<Real>& call,
                                                           const IntegerMatrix& a,
                                                           const IntegerMatrix& b) {
  call.check_shapes(!a.dims.empty() && !b.dims.empty());
  Dims left = a.dims;
  Dims right = b.dims;
  if (a.dims.size() == 1) left.insert(left.begin(), 1);
  if (b.dims.size() == 1) right.push_back(1);
  const std::span<const std::int64_t> left_batch = std::span(left).first(left.size() - 2);
  const std::span<const std::int64_t> right_batch = std::span(right).first(right.size() - 2);
  const auto batch = broadcast_dims(left_batch, right_batch);
  const std::int64_t depth = left.back();
  call.check_shapes(batch.has_value() && depth == right[right.size() - 2]);
  const std::int64_t rows = left[left.size() - 2];
  const std::int64_t columns = right.back();
  Dims dims = *batch;
  dims.insert(dims.end(), {rows, columns});
  std::vector<std::int64_t> out(checked_count(dims), 0);
  if (!out.empty() && depth > 0) {
    const auto a_index = [&](std::size_t k) {
      return k / static_cast<std::size_t>(depth) % static_cast<std::size_t>(rows);
    };
    const auto b_index = [&](std::size_t k) { return k % static_cast<std::size_t>(columns); };
    const std::vector<std::int64_t> a_levels = centred(a, a_index);
    const std::vector<std::int64_t> b_levels = centred(b, b_index);
    const std::array steps = {broadcast_strides(left_batch, *batch),
                              broadcast_strides(right_batch, *batch)};
    walk(*batch, steps, [&](std::int64_t index, const auto& at) {
      multiply_add(a_levels.data() + at[0] * rows * depth,
                   b_levels.data() + at[1] * depth * columns, out.data() + index * rows * columns,
                   rows, depth, columns);
    });
  }
  if (b.dims.size() == 1) dims.pop_back();
  if (a.dims.size() == 1) dims.erase(dims.end() - (b.dims.size() == 1 ? 1 : 2));
  return {std::move(dims), std::move(out)};
}

template std::pair<Dims, std::vector<std::int64_t>> integer_product(const OperatorCall<float>&,
                                                                    const IntegerMatrix&,
                                                                    const IntegerMatrix&);
template std::pair<Dims, std::vector<std::int64_t>> integer_product(const OperatorCall<double>&,
                                                                    const IntegerMatrix&,
                                                                    const IntegerMatrix&);

}  // namespace hasten::graph
