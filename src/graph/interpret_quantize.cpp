// Quantising, dequantising, and products of quantised matrices.
#include "base/onnx_dtype.h"
#include "graph/broadcast.h"
#include "graph/operator_table.h"
#include "graph/quantization.h"

namespace hasten::graph {
namespace {

// Steps through scales and zero points while walking over the input: one for all, one for each
// index of an axis, or one for each block along it.
template <typename Real>
class ScaleIndex {
 public:
  explicit ScaleIndex(const OperatorCall<Real>& call) {
    const Dims& dims = call.input(0).dims;
    const Array<Real>& scale = call.input(1);
    if (scale.size() == 1 && scale.rank() <= 1) return;
    axis_ = call.axis(call.node.integer("axis", 1), static_cast<std::int64_t>(dims.size()));
    const std::int64_t block = call.node.integer("block_size", 0);
    if (block > 0) {
      Dims blocked = dims;
      blocked[axis_] = dims[axis_] / block + (dims[axis_] % block != 0);
      call.check_shapes(scale.dims == blocked);
      steps_ = strides_of(blocked);
      block_ = block;
    } else {
      call.check_shapes(scale.rank() == 1 && scale.dims[0] == dims[axis_]);
      steps_ = Dims(dims.size(), 0);
      steps_[axis_] = 1;
    }
    strides_ = strides_of(dims);
    dims_ = dims;
  }

  std::size_t at(std::int64_t index) const {
    std::int64_t offset = 0;
    for (std::size_t axis = 0; axis < steps_.size(); ++axis) {
      const std::int64_t place = index / strides_[axis] % dims_[axis];
      offset += (axis == axis_ ? place / block_ : place) * steps_[axis];
    }
    return static_cast<std::size_t>(offset);
  }

 private:
  std::size_t axis_ = 0;
  std::int64_t block_ = 1;
  Dims steps_;
  Dims strides_;
  Dims dims_;
};

template <typename Real>
std::span<const std::int64_t> zero_points_like_scales(const OperatorCall<Real>& call) {
  if (!call.has(2)) return {};
  call.check_shapes(call.input(2).size() == call.input(1).size());
  return call.integers(2);
}

template <typename Real>
void quantize_linear(OperatorCall<Real>& call) {
  const auto in = call.reals(0);
  const auto scale = call.reals(1);
  if (call.has(2) && call.input(2).floating())
    call.unsupported("a quantised type that is no integer");
  const auto zero_point = zero_points_like_scales(call);
  const std::int64_t asked = call.node.integer("output_dtype", 0);
  const auto dtype = call.has(2) ? call.input(2).dtype
                                 : dtype_of_onnx(asked == 0 ? onnx_code_of(DType::k_uint8) : asked);
  if (!dtype || is_floating(*dtype))
    call.unsupported("a quantised type that is no integer of 8 bits or more");
  const ScaleIndex<Real> place(call);
  std::vector<std::int64_t> out(in.size());
  for (std::size_t index = 0; index < out.size(); ++index) {
    const std::size_t at = place.at(static_cast<std::int64_t>(index));
    out[index] = quantized(in[index], scale[at], zero_point.empty() ? 0 : zero_point[at], *dtype);
  }
  call.emit_integers(*dtype, call.input(0).dims, std::move(out));
}

template <typename Real>
void dequantize_linear(OperatorCall<Real>& call) {
  const auto in = call.integers(0);
  const auto scale = call.reals(1);
  const auto zero_point = zero_points_like_scales(call);
  const ScaleIndex<Real> place(call);
  std::vector<Real> out(in.size());
  for (std::size_t index = 0; index < out.size(); ++index) {
    const std::size_t at = place.at(static_cast<std::int64_t>(index));
    out[index] =
        static_cast<Real>(in[index] - (zero_point.empty() ? 0 : zero_point[at])) * scale[at];
  }
  const auto asked =
      dtype_of_onnx(call.node.integer("output_dtype", onnx_code_of(call.input(1).dtype)));
  if (!asked || !is_floating(*asked)) call.unsupported("an output that is not of floating point");
  call.emit_reals(*asked, call.input(0).dims, std::move(out));
}

template <typename Real>
void dynamic_quantize_linear(OperatorCall<Real>& call) {
  const auto in = call.reals(0);
  const DynamicScale<Real> chosen = dynamic_scale(in);
  std::vector<std::int64_t> out;
  for (const Real value : in)
    out.push_back(quantized(value, chosen.scale, chosen.zero_point, DType::k_uint8));
  call.emit_integers(DType::k_uint8, call.input(0).dims, std::move(out));
  call.emit_reals(DType::k_float32, {}, {chosen.scale});
  call.emit_integers(DType::k_uint8, {}, {chosen.zero_point});
}

// An integer input as operand of a product. Zero points are per row of the left, per column of the
// right operand.
template <typename Real>
IntegerMatrix operand(const OperatorCall<Real>& call, std::size_t index, std::size_t zero_index,
                      bool right) {
  const Dims& dims = call.input(index).dims;
  call.check_shapes(!dims.empty());
  const std::int64_t length = right ? dims.back() : dims.size() < 2 ? 1 : dims[dims.size() - 2];
  return matrix_operand(call, index, zero_points(call, zero_index, length));
}

template <typename Real>
void matmul_integer(OperatorCall<Real>& call) {
  auto [dims, out] = integer_product(call, operand(call, 0, 2, false), operand(call, 1, 3, true));
  for (std::int64_t& value : out) value = wrap_integer(value, DType::k_int32);
  call.emit_integers(DType::k_int32, std::move(dims), std::move(out));
}

// product * scale of the column + bias of the column
template <typename Real>
void emit_scaled(OperatorCall<Real>& call,
                 const std::pair<Dims, std::vector<std::int64_t>>& product, Real a_scale,
                 std::span<const Real> b_scale, std::size_t bias_index) {
  const auto& [dims, values] = product;
  const std::size_t columns = dims.empty() ? 1 : static_cast<std::size_t>(dims.back());
  const std::span<const Real> bias =
      call.has(bias_index) ? call.reals(bias_index) : std::span<const Real>();
  call.check_shapes((b_scale.size() == 1 || b_scale.size() == columns) &&
                    (bias.empty() || bias.size() == columns));
  std::vector<Real> out(values.size());
  for (std::size_t index = 0; index < out.size(); ++index) {
    const std::size_t column = index % columns;
    const Real scale = a_scale * b_scale[b_scale.size() == 1 ? 0 : column];
    out[index] = static_cast<Real>(values[index]) * scale + (bias.empty() ? 0 : bias[column]);
  }
  call.emit_reals(DType::k_float32, dims, std::move(out));
}

// com.microsoft: A, B, scale of A, scale of B, zero point of A, of B, bias.
template <typename Real>
void matmul_integer_to_float(OperatorCall<Real>& call) {
  const auto product = integer_product(call, operand(call, 0, 4, false), operand(call, 1, 5, true));
  emit_scaled(call, product, call.real_scalar(2), call.reals(3), 6);
}

// com.microsoft: A in floating point, B, scale of B, zero point of B, bias. A is quantised as a
// whole.
template <typename Real>
void dynamic_quantize_matmul(OperatorCall<Real>& call) {
  const auto in = call.reals(0);
  const DynamicScale<Real> chosen = dynamic_scale(in);
  std::vector<std::int64_t> levels;
  for (const Real value : in)
    levels.push_back(quantized(value, chosen.scale, chosen.zero_point, DType::k_uint8));
  const IntegerMatrix a = {levels, call.input(0).dims, {chosen.zero_point}};
  const auto product = integer_product(call, a, operand(call, 1, 3, true));
  emit_scaled(call, product, chosen.scale, call.reals(2), 4);
}

// A, scale and zero point of A, B with its own, scale and zero point of the result.
template <typename Real>
void qlinear_matmul(OperatorCall<Real>& call) {
  const auto [dims, values] =
      integer_product(call, operand(call, 0, 2, false), operand(call, 3, 5, true));
  const auto columns = dims.empty() ? std::int64_t{1} : dims.back();
  const std::int64_t rows = dims.size() < 2 ? 1 : dims[dims.size() - 2];
  const std::vector<Real> a_scale = scales(call, 1, rows);
  const std::vector<Real> b_scale = scales(call, 4, columns);
  const Real y_scale = call.real_scalar(6);
  const std::int64_t y_zero = call.integer_scalar(7);
  const DType dtype = call.input(7).dtype;
  std::vector<std::int64_t> out(values.size());
  for (std::size_t index = 0; index < out.size(); ++index) {
    const auto place = static_cast<std::int64_t>(index);
    const Real left = PerAxis<Real>{a_scale}.at(place / columns % rows);
    const Real right = PerAxis<Real>{b_scale}.at(place % columns);
    out[index] = quantized(static_cast<Real>(values[index]) * (left * right / y_scale), Real{1},
                           y_zero, dtype);
  }
  call.emit_integers(dtype, dims, std::move(out));
}

struct Sum {
  template <typename Real>
  Real operator()(Real a, Real b) const {
    return a + b;
  }
};
struct Product {
  template <typename Real>
  Real operator()(Real a, Real b) const {
    return a * b;
  }
};

// com.microsoft: each operand followed by its scale and zero point, then those of the result.
template <typename Real, typename Operation>
void qlinear_binary(OperatorCall<Real>& call) {
  const auto a = call.integers(0);
  const auto b = call.integers(3);
  const auto dims = broadcast_dims(call.input(0).dims, call.input(3).dims);
  call.check_shapes(dims.has_value());
  const std::int64_t a_zero = call.has(2) ? call.integer_scalar(2) : 0;
  const std::int64_t b_zero = call.has(5) ? call.integer_scalar(5) : 0;
  const std::int64_t y_zero = call.has(7) ? call.integer_scalar(7) : 0;
  const Real a_scale = call.real_scalar(1);
  const Real b_scale = call.real_scalar(4);
  const Real y_scale = call.real_scalar(6);
  const DType dtype = call.input(0).dtype;
  std::vector<std::int64_t> out(checked_count(*dims));
  const std::array steps = {broadcast_strides(call.input(0).dims, *dims),
                            broadcast_strides(call.input(3).dims, *dims)};
  walk(*dims, steps, [&](std::int64_t index, const auto& at) {
    const Real left = static_cast<Real>(a[static_cast<std::size_t>(at[0])] - a_zero) * a_scale;
    const Real right = static_cast<Real>(b[static_cast<std::size_t>(at[1])] - b_zero) * b_scale;
    out[static_cast<std::size_t>(index)] =
        quantized(Operation{}(left, right), y_scale, y_zero, dtype);
  });
  call.emit_integers(dtype, *dims, std::move(out));
}

}  // namespace

template <typename Real>
void add_quantize_operators(OperatorTable<Real>& table) {
  const std::string microsoft(k_microsoft_domain);
  for (const std::string& domain : {std::string(), microsoft}) {
    table[{"QuantizeLinear", domain}] = quantize_linear<Real>;
    table[{"DequantizeLinear", domain}] = dequantize_linear<Real>;
  }
  table[{"DynamicQuantizeLinear", ""}] = dynamic_quantize_linear<Real>;
  table[{"MatMulInteger", ""}] = matmul_integer<Real>;
  table[{"QLinearMatMul", ""}] = qlinear_matmul<Real>;
  table[{"MatMulIntegerToFloat", microsoft}] = matmul_integer_to_float<Real>;
  table[{"DynamicQuantizeMatMul", microsoft}] = dynamic_quantize_matmul<Real>;
  table[{"QLinearAdd", microsoft}] = qlinear_binary<Real, Sum>;
  table[{"QLinearMul", microsoft}] = qlinear_binary<Real, Product>;
}

template void add_quantize_operators(OperatorTable<float>&);
template void add_quantize_operators(OperatorTable<double>&);

}  // namespace hasten::graph
