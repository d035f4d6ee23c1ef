// Matrix products.
#include "graph/broadcast.h"
#include "graph/inner_call.h"
#include "graph/matrix_product.h"
#include "graph/operator_table.h"
#include "graph/product_dims.h"

namespace hasten::graph {
namespace {

// The last two dimensions exchanged.
template <typename Real>
Array<Real> transposed(const Array<Real>& from) {
  const std::size_t rank = from.dims.size();
  Dims dims = from.dims;
  std::swap(dims[rank - 1], dims[rank - 2]);
  Dims steps = strides_of(from.dims);
  std::swap(steps[rank - 1], steps[rank - 2]);
  return rearranged(from, dims, [&](auto in, auto out) {
    walk(dims, std::array{steps}, [&](std::int64_t index, const auto& at) {
      out[static_cast<std::size_t>(index)] = in[static_cast<std::size_t>(at[0])];
    });
  });
}

template <typename Real>
Array<Real> matrix_product(const OperatorCall<Real>& call, const Array<Real>& a,
                           const Array<Real>& b) {
  call.check_shapes(a.floating() && a.dtype == b.dtype);
  ProductDims dims = product_dims(call, a.dims, b.dims);
  std::vector<Real> out(checked_count(dims.matrices), 0);
  if (!out.empty() && dims.depth > 0) {
    walk(dims.batch, dims.steps, [&](std::int64_t index, const auto& at) {
      multiply_add(a.reals.data() + at[0] * dims.rows * dims.depth,
                   b.reals.data() + at[1] * dims.depth * dims.columns,
                   out.data() + index * dims.rows * dims.columns, dims.rows, dims.depth,
                   dims.columns);
    });
  }
  return make_reals<Real>(a.dtype, std::move(dims.result), std::move(out));
}

template <typename Real>
void matmul(OperatorCall<Real>& call) {
  if (!call.input(0).floating()) call.unsupported("a product of integer matrices");
  call.emit(matrix_product(call, call.input(0), call.input(1)));
}

// com.microsoft: transposed operands and a factor.
template <typename Real>
void fused_matmul(OperatorCall<Real>& call) {
  if (call.node.integer("transBatchA", 0) != 0 || call.node.integer("transBatchB", 0) != 0) {
    call.unsupported("transBatchA and transBatchB");
  }
  Array<Real> a = call.input(0);
  Array<Real> b = call.input(1);
  if (call.node.integer("transA", 0) != 0 && a.rank() > 1) a = transposed(a);
  if (call.node.integer("transB", 0) != 0 && b.rank() > 1) b = transposed(b);
  const Real alpha = static_cast<Real>(call.node.number("alpha", 1));
  const Array<Real> product = matrix_product(call, a, b);
  std::vector<Real> out(product.reals.begin(), product.reals.end());
  for (Real& value : out) value *= alpha;
  call.emit_reals(product.dtype, product.dims, std::move(out));
}

// alpha * A' * B' + beta * C
template <typename Real>
void gemm(OperatorCall<Real>& call) {
  Array<Real> a = call.input(0);
  Array<Real> b = call.input(1);
  call.check_shapes(a.rank() == 2 && b.rank() == 2);
  if (!a.floating()) call.unsupported("a product of integer matrices");
  if (call.node.integer("transA", 0) != 0) a = transposed(a);
  if (call.node.integer("transB", 0) != 0) b = transposed(b);
  const Real alpha = static_cast<Real>(call.node.number("alpha", 1));
  const Real beta = static_cast<Real>(call.node.number("beta", 1));
  const Array<Real> product = matrix_product(call, a, b);
  std::vector<Real> out(product.reals.begin(), product.reals.end());
  for (Real& value : out) value *= alpha;
  if (call.has(2)) {
    const auto addend = call.reals(2);
    const Dims& dims = call.input(2).dims;
    call.check_shapes(broadcast_dims(dims, product.dims) == product.dims);
    walk(product.dims, std::array{broadcast_strides(dims, product.dims)},
         [&](std::int64_t index, const auto& at) {
           out[static_cast<std::size_t>(index)] += beta * addend[static_cast<std::size_t>(at[0])];
         });
  }
  call.emit_reals(product.dtype, product.dims, std::move(out));
}

// com.microsoft: Gemm with an activation, whose parameters have a prefix.
template <typename Real>
void fused_gemm(OperatorCall<Real>& call) {
  const std::string activation = call.node.text("activation", "");
  std::map<std::string, Attribute> attributes;
  for (const std::string name : {"alpha", "beta", "gamma"}) {
    const auto found = call.node.attributes.find("activation_" + name);
    if (found != call.node.attributes.end()) attributes.emplace(name, found->second);
  }
  gemm(call);
  call.outputs =
      inner_call<Real>(call, activation, "", 13, std::move(attributes), {call.outputs.at(0)});
}

}  // namespace

template <typename Real>
void add_matmul_operators(OperatorTable<Real>& table) {
  table[{"MatMul", ""}] = matmul<Real>;
  table[{"Gemm", ""}] = gemm<Real>;
  table[{"FusedGemm", std::string(k_microsoft_domain)}] = fused_gemm<Real>;
  table[{"FusedMatMul", std::string(k_microsoft_domain)}] = fused_matmul<Real>;
}

template void add_matmul_operators(OperatorTable<float>&);
template void add_matmul_operators(OperatorTable<double>&);

}  // namespace hasten::graph
