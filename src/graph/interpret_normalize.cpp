// Softmax, and normalisation over hidden dimensions with what com.microsoft fuses into it.
#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/operator_table.h"

namespace hasten::graph {
namespace {

struct View {
  std::int64_t outer = 1;
  std::int64_t length = 1;
  std::int64_t inner = 1;
};

// Before opset 13 everything from the axis on counts as one dimension, and the axis defaults to 1.
template <typename Real>
View softmax_view(const OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const bool flattens = call.opset < 13;
  const std::size_t axis =
      call.axis(call.node.integer("axis", flattens ? 1 : -1), from.rank(), flattens);
  View view;
  for (std::size_t k = 0; k < from.dims.size(); ++k) {
    if (k < axis) view.outer *= from.dims[k];
    if (k == axis || (flattens && k > axis)) view.length *= from.dims[k];
    if (k > axis && !flattens) view.inner *= from.dims[k];
  }
  return view;
}

template <typename Real, bool logarithm>
void softmax(OperatorCall<Real>& call) {
  const auto in = call.reals(0);
  std::vector<Real> out(in.size());
  const View view = in.empty() ? View{0, 0, 0} : softmax_view(call);
  for (std::int64_t row = 0; row < view.outer * view.inner; ++row) {
    const std::int64_t start = row / view.inner * view.length * view.inner + row % view.inner;
    const auto at = [&](std::int64_t k) {
      return static_cast<std::size_t>(start + k * view.inner);
    };
    Real peak = in[at(0)];
    for (std::int64_t k = 1; k < view.length; ++k) peak = std::max(peak, in[at(k)]);
    Real sum = 0;
    for (std::int64_t k = 0; k < view.length; ++k) sum += out[at(k)] = std::exp(in[at(k)] - peak);
    for (std::int64_t k = 0; k < view.length; ++k) {
      out[at(k)] = logarithm ? in[at(k)] - peak - std::log(sum) : out[at(k)] / sum;
    }
  }
  call.emit_reals(call.input(0).dtype, call.input(0).dims, std::move(out));
}

template <typename Real>
void hardmax(OperatorCall<Real>& call) {
  const auto in = call.reals(0);
  std::vector<Real> out(in.size(), 0);
  const View view = in.empty() ? View{0, 0, 0} : softmax_view(call);
  for (std::int64_t row = 0; row < view.outer * view.inner; ++row) {
    const std::int64_t start = row / view.inner * view.length * view.inner + row % view.inner;
    const auto at = [&](std::int64_t k) {
      return static_cast<std::size_t>(start + k * view.inner);
    };
    std::int64_t best = 0;
    for (std::int64_t k = 1; k < view.length; ++k) {
      if (in[at(k)] > in[at(best)]) best = k;
    }
    out[at(best)] = 1;
  }
  call.emit_reals(call.input(0).dtype, call.input(0).dims, std::move(out));
}

// Rows normalised in place; mean and inverse standard deviation of each row are kept.
template <typename Real>
struct Normalized {
  std::vector<Real> values;
  std::vector<Real> mean;
  std::vector<Real> inverse_deviation;
};

// (x - mean) / sqrt(variance + epsilon) * gamma + beta over rows of gamma.size(); without centring
// (RMS normalisation) the mean is taken for 0.
template <typename Real>
Normalized<Real> normalize(std::vector<Real> values, std::span<const Real> gamma,
                           std::span<const Real> beta, Real epsilon, bool centred) {
  Normalized<Real> result{std::move(values), {}, {}};
  const std::size_t length = gamma.size();
  for (std::size_t start = 0; start < result.values.size(); start += length) {
    const std::span<Real> row(result.values.data() + start, length);
    Real mean = 0;
    if (centred) {
      for (const Real x : row) mean += x;
      mean /= static_cast<Real>(length);
    }
    Real variance = 0;
    for (const Real x : row) variance += (x - mean) * (x - mean);
    const Real inverse = 1 / std::sqrt(variance / static_cast<Real>(length) + epsilon);
    for (std::size_t k = 0; k < length; ++k) {
      row[k] = (row[k] - mean) * inverse * gamma[k] + (beta.empty() ? 0 : beta[k]);
    }
    result.mean.push_back(mean);
    result.inverse_deviation.push_back(inverse);
  }
  return result;
}

// Weights of the normalised dimensions, stretched to their full shape.
template <typename Real>
std::vector<Real> stretched(const OperatorCall<Real>& call, std::size_t index,
                            std::int64_t length) {
  const auto given = call.reals(index);
  const auto size = static_cast<std::size_t>(length);
  if (given.size() == size) return {given.begin(), given.end()};
  call.check_shapes(given.size() == 1);
  return std::vector<Real>(size, given[0]);
}

template <typename Real, bool centred>
void layer_normalization(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const auto in = call.reals(0);
  const std::size_t axis = call.axis(call.node.integer("axis", -1), from.rank());
  Dims outer_dims(from.dims.size(), 1);
  std::copy_n(from.dims.begin(), axis, outer_dims.begin());
  const std::int64_t length = element_count(std::span(from.dims).subspan(axis)).value_or(0);
  call.check_shapes(length > 0);
  const std::vector<Real> gamma = stretched(call, 1, length);
  const std::vector<Real> beta = call.has(2) ? stretched(call, 2, length) : std::vector<Real>{};
  const Real epsilon = static_cast<Real>(call.node.number("epsilon", 1e-5F));
  auto result = normalize<Real>({in.begin(), in.end()}, gamma, beta, epsilon, centred);
  call.emit_reals(from.dtype, from.dims, std::move(result.values));
  if (centred) call.emit_reals(DType::k_float32, outer_dims, std::move(result.mean));
  call.emit_reals(DType::k_float32, outer_dims, std::move(result.inverse_deviation));
}

// com.microsoft: LayerNormalization(input + skip + bias); the sum is the fourth output.
template <typename Real, bool centred>
void skip_layer_normalization(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const auto in = call.reals(0);
  const auto skip = call.reals(1);
  const std::size_t bias_index = centred ? 4 : 3;
  call.check_shapes(from.rank() >= 2 && from.dims.back() > 0 && !skip.empty() &&
                    in.size() % skip.size() == 0 && call.input(1).dims.back() == from.dims.back());
  const std::int64_t length = from.dims.back();
  const std::vector<Real> gamma = stretched(call, 2, length);
  const std::vector<Real> beta =
      centred && call.has(3) ? stretched(call, 3, length) : std::vector<Real>{};
  const std::vector<Real> bias = call.has(bias_index) ? stretched(call, bias_index, length)
                                                      : std::vector<Real>(gamma.size(), 0);
  std::vector<Real> sum(in.size());
  for (std::size_t k = 0; k < sum.size(); ++k)
    sum[k] = in[k] + skip[k % skip.size()] + bias[k % bias.size()];
  const Real epsilon = static_cast<Real>(call.node.number("epsilon", 1e-12F));
  auto result = normalize<Real>(sum, gamma, beta, epsilon, centred);
  Dims row_dims = from.dims;
  row_dims.back() = 1;
  call.emit_reals(from.dtype, from.dims, std::move(result.values));
  call.emit_reals(DType::k_float32, row_dims, std::move(result.mean));
  call.emit_reals(DType::k_float32, row_dims, std::move(result.inverse_deviation));
  call.emit_reals(from.dtype, from.dims, std::move(sum));
}

template <typename Real>
void add_row(const OperatorCall<Real>& call, std::size_t table, std::int64_t row,
             std::span<Real> to) {
  const Array<Real>& rows = call.input(table);
  const auto values = call.reals(table);
  call.check_shapes(rows.rank() == 2 && rows.dims[1] == static_cast<std::int64_t>(to.size()));
  if (row < 0 || row >= rows.dims[0]) {
    call.malformed("index " + std::to_string(row) + " is outside an embedding of " +
                   std::to_string(rows.dims[0]));
  }
  for (std::size_t k = 0; k < to.size(); ++k)
    to[k] += values[static_cast<std::size_t>(row) * to.size() + k];
}

// The number of ones in each row of the mask, 0 without a mask.
template <typename Real>
std::vector<std::int64_t> mask_lengths(const OperatorCall<Real>& call, std::int64_t batch,
                                       std::int64_t sequence) {
  std::vector<std::int64_t> lengths(static_cast<std::size_t>(batch), 0);
  if (!call.has(7)) return lengths;
  const auto mask = call.integers(7);
  for (std::size_t k = 0; k < mask.size(); ++k) {
    lengths[k / static_cast<std::size_t>(sequence)] += mask[k] == 1;
  }
  return lengths;
}

// com.microsoft: LayerNormalization(word[ids] + position[positions] + segment[segments]).
template <typename Real>
void embed_layer_normalization(OperatorCall<Real>& call) {
  const auto ids = call.integers(0);
  const Dims& dims = call.input(0).dims;
  call.check_shapes(dims.size() == 2 && call.input(2).rank() == 2);
  const std::int64_t hidden = call.input(2).dims[1];
  const bool has_segments = call.has(1) && call.has(4);
  call.check_shapes(hidden > 0 && (!has_segments || call.input(1).dims == dims) &&
                    (!call.has(7) || call.input(7).dims == dims));
  const Dims sum_dims = {dims[0], dims[1], hidden};
  std::vector<Real> sum(checked_count(sum_dims), 0);
  for (std::size_t token = 0; token < ids.size(); ++token) {
    const std::span<Real> row(sum.data() + token * static_cast<std::size_t>(hidden),
                              static_cast<std::size_t>(hidden));
    const std::size_t column = token % static_cast<std::size_t>(dims[1]);
    std::int64_t position = static_cast<std::int64_t>(column);
    if (call.has(8)) {
      const auto positions = call.integers(8);
      call.check_shapes(positions.size() == ids.size() ||
                        positions.size() == static_cast<std::size_t>(dims[1]));
      position = positions[positions.size() == ids.size() ? token : column];
    }
    add_row(call, 2, ids[token], row);
    add_row(call, 3, position, row);
    if (has_segments) add_row(call, 4, call.integers(1)[token], row);
  }
  const std::vector<Real> gamma = stretched(call, 5, hidden);
  const std::vector<Real> beta = stretched(call, 6, hidden);
  const Real epsilon = static_cast<Real>(call.node.number("epsilon", 1e-12F));
  auto result = normalize<Real>(sum, gamma, beta, epsilon, true);
  const DType dtype = call.input(2).dtype;
  call.emit_reals(dtype, sum_dims, std::move(result.values));
  call.emit_integers(DType::k_int32, {dims[0]}, mask_lengths(call, dims[0], dims[1]));
  call.emit_reals(dtype, sum_dims, std::move(sum));
}

}  // namespace

template <typename Real>
void add_normalize_operators(OperatorTable<Real>& table) {
  table[{"Softmax", ""}] = softmax<Real, false>;
  table[{"LogSoftmax", ""}] = softmax<Real, true>;
  table[{"Hardmax", ""}] = hardmax<Real>;
  table[{"LayerNormalization", ""}] = layer_normalization<Real, true>;
  table[{"RMSNormalization", ""}] = layer_normalization<Real, false>;
  // Entered by ONNX Runtime's optimiser into the main domain.
  table[{"SimplifiedLayerNormalization", ""}] = layer_normalization<Real, false>;
  const std::string microsoft(k_microsoft_domain);
  table[{"SkipLayerNormalization", microsoft}] = skip_layer_normalization<Real, true>;
  table[{"SkipSimplifiedLayerNormalization", microsoft}] = skip_layer_normalization<Real, false>;
  table[{"EmbedLayerNormalization", microsoft}] = embed_layer_normalization<Real>;
}

template void add_normalize_operators(OperatorTable<float>&);
template void add_normalize_operators(OperatorTable<double>&);

}  // namespace hasten::graph
