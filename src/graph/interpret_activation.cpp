// Activation functions, the com.microsoft ones included. With two inputs (BiasGelu ...) the second
// is added first.
#include <algorithm>
#include <cmath>

#include "graph/broadcast.h"
#include "graph/operator_table.h"

namespace hasten::graph {
namespace {

template <typename Real, typename Function>
void map_reals(OperatorCall<Real>& call, Function function) {
  const auto in = call.reals(0);
  std::vector<Real> out(in.size());
  std::transform(in.begin(), in.end(), out.begin(), function);
  call.emit_reals(call.input(0).dtype, call.input(0).dims, std::move(out));
}

template <typename Real>
Real number(const OperatorCall<Real>& call, std::string_view name, float fallback) {
  return static_cast<Real>(call.node.number(name, fallback));
}

template <typename Real>
Real relu_of(Real x) {
  return x < 0 ? 0 : x;
}
template <typename Real>
Real sigmoid_of(Real x) {
  if (x >= 0) return 1 / (1 + std::exp(-x));
  const Real e = std::exp(x);  // small, where exp(-x) would overflow
  return e / (1 + e);
}
template <typename Real>
Real softplus_of(Real x) {
  return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}
template <typename Real>
Real softsign_of(Real x) {
  return x / (1 + std::abs(x));
}
template <typename Real>
Real mish_of(Real x) {
  return x * std::tanh(softplus_of(x));
}

// x * (1 + erf(x / sqrt(2))) / 2
template <typename Real>
Real gelu_of(Real x) {
  return x * (1 + std::erf(x * static_cast<Real>(0.70710678118654752440))) / 2;
}
// x * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))) / 2
template <typename Real>
Real tanh_gelu_of(Real x) {
  const Real inner =
      static_cast<Real>(0.79788456080286535588) * (x + static_cast<Real>(0.044715) * x * x * x);
  return x * (1 + std::tanh(inner)) / 2;
}

template <typename Real, Real (*function)(Real)>
void plain(OperatorCall<Real>& call) {
  map_reals(call, function);
}

template <typename Real, Real (*function)(Real)>
void after_bias(OperatorCall<Real>& call) {
  if (!call.has(1)) return map_reals(call, function);
  const auto in = call.reals(0);
  const auto bias = call.reals(1);
  call.check_shapes(call.input(1).rank() == 1 && !call.input(0).dims.empty() &&
                    call.input(1).dims[0] == call.input(0).dims.back());
  std::vector<Real> out(in.size());
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = function(in[k] + bias[k % bias.size()]);
  call.emit_reals(call.input(0).dtype, call.input(0).dims, std::move(out));
}

template <typename Real>
void gelu(OperatorCall<Real>& call) {
  const std::string approximate = call.node.text("approximate", "none");
  if (approximate != "none" && approximate != "tanh")
    call.malformed("approximate is neither none nor tanh");
  approximate == "tanh" ? map_reals(call, tanh_gelu_of<Real>) : map_reals(call, gelu_of<Real>);
}

template <typename Real>
void swish(OperatorCall<Real>& call) {
  const Real alpha = number(call, "alpha", call.node.domain.empty() ? 1.0F : 1.702F);
  map_reals(call, [=](Real x) { return x * sigmoid_of(alpha * x); });
}

template <typename Real>
void leaky_relu(OperatorCall<Real>& call) {
  const Real alpha = number(call, "alpha", 0.01F);
  map_reals(call, [=](Real x) { return x < 0 ? alpha * x : x; });
}

template <typename Real>
void elu(OperatorCall<Real>& call) {
  const Real alpha = number(call, "alpha", 1.0F);
  map_reals(call, [=](Real x) { return x < 0 ? alpha * std::expm1(x) : x; });
}

template <typename Real>
void celu(OperatorCall<Real>& call) {
  const Real alpha = number(call, "alpha", 1.0F);
  map_reals(call, [=](Real x) {
    return std::max<Real>(0, x) + std::min<Real>(0, alpha * std::expm1(x / alpha));
  });
}

template <typename Real>
void selu(OperatorCall<Real>& call) {
  const Real alpha = number(call, "alpha", 1.67326319217681884765625F);
  const Real gamma = number(call, "gamma", 1.05070102214813232421875F);
  map_reals(call, [=](Real x) { return gamma * (x > 0 ? x : alpha * std::expm1(x)); });
}

template <typename Real>
void hard_sigmoid(OperatorCall<Real>& call) {
  const Real alpha = number(call, "alpha", 0.2F);
  const Real beta = number(call, "beta", 0.5F);
  map_reals(call, [=](Real x) { return std::clamp<Real>(alpha * x + beta, 0, 1); });
}

template <typename Real>
Real hard_swish_of(Real x) {
  return x * std::clamp<Real>(x / 6 + Real{0.5}, 0, 1);
}

template <typename Real>
void thresholded_relu(OperatorCall<Real>& call) {
  const Real alpha = number(call, "alpha", 1.0F);
  map_reals(call, [=](Real x) { return x > alpha ? x : 0; });
}

template <typename Real>
void parametric_relu(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const Array<Real>& slope = call.input(1);
  const auto in = call.reals(0);
  const auto slopes = call.reals(1);
  const auto dims = broadcast_dims(from.dims, slope.dims);
  call.check_shapes(dims == from.dims);
  std::vector<Real> out(in.size());
  walk(from.dims, std::array{broadcast_strides(slope.dims, from.dims)},
       [&](std::int64_t index, const auto& at) {
         const Real x = in[static_cast<std::size_t>(index)];
         out[static_cast<std::size_t>(index)] =
             x < 0 ? x * slopes[static_cast<std::size_t>(at[0])] : x;
       });
  call.emit_reals(from.dtype, from.dims, std::move(out));
}

}  // namespace

template <typename Real>
void add_activation_operators(OperatorTable<Real>& table) {
  table[{"Relu", ""}] = plain<Real, relu_of<Real>>;
  table[{"Sigmoid", ""}] = plain<Real, sigmoid_of<Real>>;
  table[{"Softplus", ""}] = plain<Real, softplus_of<Real>>;
  table[{"Softsign", ""}] = plain<Real, softsign_of<Real>>;
  table[{"Mish", ""}] = plain<Real, mish_of<Real>>;
  table[{"HardSwish", ""}] = plain<Real, hard_swish_of<Real>>;
  table[{"Gelu", ""}] = gelu<Real>;
  table[{"Swish", ""}] = swish<Real>;
  table[{"LeakyRelu", ""}] = leaky_relu<Real>;
  table[{"Elu", ""}] = elu<Real>;
  table[{"Celu", ""}] = celu<Real>;
  table[{"Selu", ""}] = selu<Real>;
  table[{"HardSigmoid", ""}] = hard_sigmoid<Real>;
  table[{"ThresholdedRelu", ""}] = thresholded_relu<Real>;
  table[{"PRelu", ""}] = parametric_relu<Real>;
  const std::string microsoft(k_microsoft_domain);
  table[{"Gelu", microsoft}] = plain<Real, gelu_of<Real>>;
  table[{"BiasGelu", microsoft}] = after_bias<Real, gelu_of<Real>>;
  table[{"FastGelu", microsoft}] = after_bias<Real, tanh_gelu_of<Real>>;
  table[{"QuickGelu", microsoft}] = swish<Real>;
}

template void add_activation_operators(OperatorTable<float>&);
template void add_activation_operators(OperatorTable<double>&);

}  // namespace hasten::graph
