#include "graph/matrix_product.h"
#include "graph/product_dims.h"
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
  ProductDims dims = product_dims(call, a.dims, b.dims);
  std::vector<std::int64_t> out(checked_count(dims.matrices), 0);
  if (!out.empty() && dims.depth > 0) {
    const std::vector<std::int64_t> a_levels = centred(a, [&](std::size_t k) {
      return k / static_cast<std::size_t>(dims.depth) % static_cast<std::size_t>(dims.rows);
    });
    const std::vector<std::int64_t> b_levels =
        centred(b, [&](std::size_t k) { return k % static_cast<std::size_t>(dims.columns); });
    walk(dims.batch, dims.steps, [&](std::int64_t index, const auto& at) {
      multiply_add(a_levels.data() + at[0] * dims.rows * dims.depth,
                   b_levels.data() + at[1] * dims.depth * dims.columns,
                   out.data() + index * dims.rows * dims.columns, dims.rows, dims.depth,
                   dims.columns);
    });
  }
  return {std::move(dims.result), std::move(out)};
}

template std::pair<Dims, std::vector<std::int64_t>> integer_product(const OperatorCall<float>&,
                                                                    const IntegerMatrix&,
                                                                    const IntegerMatrix&);
template std::pair<Dims, std::vector<std::int64_t>> integer_product(const OperatorCall<double>&,
                                                                    const IntegerMatrix&,
                                                                    const IntegerMatrix&);

}  // namespace hasten::graph
