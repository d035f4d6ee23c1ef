// Operators of quantised tensors that are computed on their dequantised values (com.microsoft).
#include "graph/inner_call.h"
#include "graph/quantization.h"

namespace hasten::graph {
namespace {

constexpr std::int64_t k_inner_opset = 13;

// Input `index` with its scale and zero point (which may be left out), each a scalar or one for
// each index of the last dimension.
template <typename Real>
Array<Real> dequantized(const OperatorCall<Real>& call, std::size_t index, std::size_t scale_index,
                        std::size_t zero_index) {
  const auto in = call.integers(index);
  const Dims& dims = call.input(index).dims;
  const std::int64_t columns = dims.empty() ? 1 : dims.back();
  const std::vector<Real> scale = scales(call, scale_index, columns);
  const std::vector<std::int64_t> zero = zero_points(call, zero_index, columns);
  std::vector<Real> out;
  for (std::size_t k = 0; k < in.size(); ++k) {
    const std::int64_t column = static_cast<std::int64_t>(k) % columns;
    out.push_back(static_cast<Real>(in[k] - PerAxis<std::int64_t>{zero}.at(column)) *
                  PerAxis<Real>{scale}.at(column));
  }
  return make_reals<Real>(DType::k_float32, dims, std::move(out));
}

template <typename Real>
void emit_quantized(OperatorCall<Real>& call, const Array<Real>& result, std::size_t scale_index,
                    std::size_t zero_index, DType dtype) {
  const Real scale = call.real_scalar(scale_index);
  const std::int64_t zero = call.has(zero_index) ? call.integer_scalar(zero_index) : 0;
  std::vector<std::int64_t> out;
  for (const Real value : result.reals) out.push_back(quantized(value, scale, zero, dtype));
  call.emit_integers(dtype, result.dims, std::move(out));
}

// X, its scale and zero point, those of the result.
template <typename Real>
void unary(OperatorCall<Real>& call, const std::string& op_type, std::int64_t opset) {
  const auto outputs = inner_call<Real>(call, op_type, "", opset, call.node.attributes,
                                        {dequantized(call, 0, 1, 2)});
  emit_quantized(call, outputs.at(0), 3, 4, call.input(0).dtype);
}

template <typename Real>
void sigmoid(OperatorCall<Real>& call) {
  unary(call, "Sigmoid", k_inner_opset);
}

template <typename Real>
void leaky_relu(OperatorCall<Real>& call) {
  unary(call, "LeakyRelu", k_inner_opset);
}

template <typename Real>
void reduce_mean(OperatorCall<Real>& call) {
  unary(call, "ReduceMean", k_inner_opset);
}

template <typename Real>
void softmax(OperatorCall<Real>& call) {
  unary(call, "Softmax", call.node.integer("opset", k_inner_opset));
}

// Scale and zero point of the result, then triples of input, scale and zero point.
template <typename Real>
void concat(OperatorCall<Real>& call) {
  if (call.inputs.size() < 5 || call.inputs.size() % 3 != 2)
    call.malformed("the inputs are no triples");
  std::vector<std::optional<Array<Real>>> parts;
  for (std::size_t index = 2; index < call.inputs.size(); index += 3) {
    parts.push_back(dequantized(call, index, index + 1, index + 2));
  }
  const auto outputs =
      inner_call<Real>(call, "Concat", "", k_inner_opset, call.node.attributes, std::move(parts));
  emit_quantized(call, outputs.at(0), 0, 1, call.input(2).dtype);
}

// Condition, X with scale and zero point, Y with its own, those of the result.
template <typename Real>
void where(OperatorCall<Real>& call) {
  const auto outputs =
      inner_call<Real>(call, "Where", "", k_inner_opset, {},
                       {call.input(0), dequantized(call, 1, 2, 3), dequantized(call, 4, 5, 6)});
  emit_quantized(call, outputs.at(0), 7, 8, call.input(1).dtype);
}

// A and B with scales and zero points, C in units of both scales, scale and zero point of the
// result; without those the result is of floating point.
template <typename Real>
void gemm(OperatorCall<Real>& call) {
  Array<Real> b = call.input(3);
  // Zero points and scales go with the columns of B', which are the rows of B when it is
  // transposed.
  const bool transposed = call.node.integer("transB", 0) != 0;
  if (transposed && (call.input(4).size() > 1 || (call.has(5) && call.input(5).size() > 1))) {
    call.unsupported("scales for each row of a transposed matrix");
  }
  const Array<Real> left = dequantized(call, 0, 1, 2);
  const Array<Real> right = dequantized(call, 3, 4, 5);
  std::optional<Array<Real>> addend;
  if (call.has(6)) {
    const auto levels = call.integers(6);
    const Real a_scale = call.real_scalar(1);
    const std::vector<Real> b_scale = scales(call, 4, static_cast<std::int64_t>(levels.size()));
    const Real alpha = static_cast<Real>(call.node.number("alpha", 1));
    std::vector<Real> values;
    for (std::size_t k = 0; k < levels.size(); ++k) {
      values.push_back(static_cast<Real>(levels[k]) * alpha * a_scale *
                       PerAxis<Real>{b_scale}.at(static_cast<std::int64_t>(k)));
    }
    addend = make_reals<Real>(DType::k_float32, call.input(6).dims, std::move(values));
  }
  const auto outputs = inner_call<Real>(call, "Gemm", "", k_inner_opset, call.node.attributes,
                                        {left, right, addend});
  if (!call.has(7)) return call.emit(outputs.at(0));
  emit_quantized(call, outputs.at(0), 7, 8, call.input(0).dtype);
}

// EmbedLayerNormalization whose tables and weights (inputs 2 to 6) have scales (8 to 12) and zero
// points (13 to 17).
template <typename Real>
void embed_layer_normalization(OperatorCall<Real>& call) {
  std::vector<std::optional<Array<Real>>> inputs(8);
  for (std::size_t index = 0; index < inputs.size(); ++index) {
    if (!call.has(index)) continue;
    const bool is_quantized = index >= 2 && index <= 6;
    inputs[index] =
        is_quantized ? dequantized(call, index, index + 6, index + 11) : call.input(index);
  }
  call.outputs = inner_call<Real>(call, "EmbedLayerNormalization", std::string(k_microsoft_domain),
                                  1, call.node.attributes, std::move(inputs));
}

}  // namespace

template <typename Real>
void add_qlinear_operators(OperatorTable<Real>& table) {
  const std::string microsoft(k_microsoft_domain);
  table[{"QLinearSigmoid", microsoft}] = sigmoid<Real>;
  table[{"QLinearLeakyRelu", microsoft}] = leaky_relu<Real>;
  table[{"QLinearReduceMean", microsoft}] = reduce_mean<Real>;
  table[{"QLinearSoftmax", microsoft}] = softmax<Real>;
  table[{"QLinearConcat", microsoft}] = concat<Real>;
  table[{"QLinearWhere", microsoft}] = where<Real>;
  table[{"QGemm", microsoft}] = gemm<Real>;
  table[{"QEmbedLayerNormalization", microsoft}] = embed_layer_normalization<Real>;
}

template void add_qlinear_operators(OperatorTable<float>&);
template void add_qlinear_operators(OperatorTable<double>&);

}  // namespace hasten::graph
