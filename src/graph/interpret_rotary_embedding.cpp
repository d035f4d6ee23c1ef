// RotaryEmbedding of the main domain (opset 23 and on) and of com.microsoft.
#include <functional>

#include "graph/head_dims.h"
#include "graph/operator_table.h"

namespace hasten::graph {
namespace {

// Rotates pairs of each head: (a, b) -> (a cos - b sin, a sin + b cos). The caches are
// [positions, pairs] with position ids, or [batch, rows, pairs] without.
template <typename Real>
void rotate(OperatorCall<Real>& call, const HeadDims& dims, std::size_t cos_index,
            std::size_t sin_index,
            const std::function<std::int64_t(std::int64_t batch, std::int64_t row)>& cache_row) {
  const bool interleaved = call.node.integer("interleaved", 0) != 0;
  const std::int64_t wanted = call.node.integer("rotary_embedding_dim", 0);
  const std::int64_t rotated = wanted > 0 ? wanted : dims.size;
  const std::int64_t pairs = rotated / 2;
  const auto cos = call.reals(cos_index);
  const auto sin = call.reals(sin_index);
  call.check_shapes(rotated <= dims.size && rotated % 2 == 0 &&
                    !call.input(cos_index).dims.empty() &&
                    call.input(cos_index).dims.back() == pairs && cos.size() == sin.size());
  const bool split = call.input(0).rank() == 4;
  const auto in = call.reals(0);
  std::vector<Real> out(in.begin(), in.end());
  for (std::int64_t index = 0; index < dims.batch * dims.rows * dims.heads; ++index) {
    const std::int64_t batch = index / (dims.rows * dims.heads);
    const std::int64_t row = split ? index % dims.rows : index / dims.heads % dims.rows;
    const std::int64_t cached = cache_row(batch, row) * pairs;
    call.check_shapes(cached >= 0 && cached + pairs <= static_cast<std::int64_t>(cos.size()));
    for (std::int64_t pair = 0; pair < pairs; ++pair) {
      const std::int64_t start = index * dims.size;
      const auto first = static_cast<std::size_t>(start + (interleaved ? 2 * pair : pair));
      const auto second =
          static_cast<std::size_t>(start + (interleaved ? 2 * pair + 1 : pair + pairs));
      const Real c = cos[static_cast<std::size_t>(cached + pair)];
      const Real s = sin[static_cast<std::size_t>(cached + pair)];
      out[first] = c * in[first] - s * in[second];
      out[second] = s * in[first] + c * in[second];
    }
  }
  call.emit_reals(call.input(0).dtype, call.input(0).dims, std::move(out));
}

// Inputs X, cos_cache, sin_cache, position_ids.
template <typename Real>
void onnx_rotary_embedding(OperatorCall<Real>& call) {
  const HeadDims dims = head_dims(call, 0, "num_heads");
  if (!call.has(3)) {
    const Dims& cache = call.input(1).dims;
    call.check_shapes(cache.size() == 3 && (cache[0] == dims.batch || cache[0] == 1) &&
                      cache[1] == dims.rows);
    const bool one = cache[0] == 1;
    return rotate(call, dims, 1, 2, [&](std::int64_t batch, std::int64_t row) {
      return (one ? 0 : batch * dims.rows) + row;
    });
  }
  const auto positions = call.integers(3);
  call.check_shapes(call.input(3).dims == Dims{dims.batch, dims.rows} && call.input(1).rank() == 2);
  rotate(call, dims, 1, 2, [&](std::int64_t batch, std::int64_t row) {
    return positions[static_cast<std::size_t>(batch * dims.rows + row)];
  });
}

// Inputs X, position_ids ([1]: the first position, or [batch, rows]), cos_cache, sin_cache.
template <typename Real>
void microsoft_rotary_embedding(OperatorCall<Real>& call) {
  const Dims& in = call.input(0).dims;
  const Dims& cache = call.input(2).dims;
  call.check_shapes((in.size() == 3 || in.size() == 4) && cache.size() == 2);
  HeadDims dims;
  if (in.size() == 4) {
    dims = {in[0], in[1], in[2], in[3]};
  } else {
    const std::int64_t heads = call.node.integer("num_heads", 0);
    const std::int64_t size = heads > 0 ? in[2] / heads : 2 * cache[1];
    call.check_shapes(size > 0 && in[2] % size == 0);
    dims = {in[0], in[2] / size, in[1], size};
  }
  const auto positions = call.integers(1);
  const bool offset = positions.size() == 1;
  call.check_shapes(offset || call.input(1).dims == Dims{dims.batch, dims.rows});
  rotate(call, dims, 2, 3, [&](std::int64_t batch, std::int64_t row) {
    return offset ? positions[0] + row
                  : positions[static_cast<std::size_t>(batch * dims.rows + row)];
  });
}

}  // namespace

template <typename Real>
void add_rotary_embedding_operators(OperatorTable<Real>& table) {
  table[{"RotaryEmbedding", ""}] = onnx_rotary_embedding<Real>;
  table[{"RotaryEmbedding", std::string(k_microsoft_domain)}] = microsoft_rotary_embedding<Real>;
}

template void add_rotary_embedding_operators(OperatorTable<float>&);
template void add_rotary_embedding_operators(OperatorTable<double>&);

}  // namespace hasten::graph
