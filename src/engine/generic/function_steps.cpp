// Functions of each element, activations among them.
#include "engine/generic/step_table.h"

namespace hasten::engine::generic {
namespace {

using cpu::Function;

// Calls apply(values, to, floats) for the input's stretches.
template <typename Apply>
bool map_reals(StepCall& call, Apply apply) {
  if (!call.has_reals(0)) return false;
  const std::vector<Stretch> stretches = stretches_of(call, 0);
  std::vector<Dims> dims;
  for (std::size_t text = 0; text < call.texts; ++text) dims.push_back(call.input(0, text).dims);
  if (call.is_shared(0) && call.texts > 1) return false;
  float* to = call.make_reals(0, call.input(0, 0).dtype, std::move(dims));
  for (const Stretch& stretch : stretches) {
    apply(stretch.values, to, stretch.floats);
    to += stretch.floats;
  }
  return true;
}

template <Function function>
bool apply_function(StepCall& call) {
  return map_reals(call, [&](const float* from, float* to, std::size_t floats) {
    call.bench.kernels.arrays.apply(function, from, to, floats);
  });
}

bool activate(StepCall& call, Activation activation) {
  return map_reals(call, [&](const float* from, float* to, std::size_t floats) {
    call.bench.kernels.activate(activation, false, from, floats, to, floats, 1, floats);
  });
}

template <Activation activation>
bool activate_as(StepCall& call) {
  return activate(call, activation);
}

// With a second input that is added to every row first.
template <Activation activation>
bool activate_after_bias(StepCall& call) {
  if (!call.has(1)) return activate(call, activation);
  if (!call.has_reals(1) || !call.is_shared(1)) return false;
  const Array& bias = call.input(1, 0);
  const std::size_t width = bias.reals.size();
  if (bias.dims.size() != 1 || width == 0) return false;
  for (std::size_t text = 0; text < call.texts; ++text) {
    const Dims& dims = call.input(0, text).dims;
    if (dims.empty() || dims.back() != bias.dims[0]) return false;
  }
  return map_reals(call, [&](const float* from, float* to, std::size_t floats) {
    cpu::CombineTask task;
    task.left = {from, width, false};
    task.right = {bias.reals.data(), 0, false};
    task.width = width;
    task.rows = floats / width;
    task.output = to;
    call.bench.kernels.arrays.combine(task);
    call.bench.kernels.activate(activation, false, to, floats, to, floats, 1, floats);
  });
}

bool gelu(StepCall& call) {
  const std::string approximate = call.node.text("approximate", "none");
  if (approximate == "none") return activate(call, Activation::k_gelu_erf);
  return approximate == "tanh" && activate(call, Activation::k_gelu_tanh);
}

// x sigmoid(alpha x)
bool swish(StepCall& call) {
  const float alpha = call.node.number("alpha", call.node.domain.empty() ? 1.0F : 1.702F);
  if (alpha == 1.0F) return activate(call, Activation::k_silu);
  return alpha == 1.702F && activate(call, Activation::k_quick_gelu);
}

}  // namespace

void add_function_steps(StepTable& table) {
  const std::string microsoft(graph::k_microsoft_domain);
  table[{"Neg", ""}] = {apply_function<Function::k_negate>};
  table[{"Abs", ""}] = {apply_function<Function::k_absolute>};
  table[{"Sqrt", ""}] = {apply_function<Function::k_square_root>};
  table[{"Reciprocal", ""}] = {apply_function<Function::k_reciprocal>};
  table[{"Exp", ""}] = {apply_function<Function::k_exponential>};
  table[{"Erf", ""}] = {apply_function<Function::k_error_function>};
  table[{"Relu", ""}] = {activate_as<Activation::k_relu>};
  table[{"Tanh", ""}] = {activate_as<Activation::k_tanh>};
  table[{"Sigmoid", ""}] = {activate_as<Activation::k_sigmoid>};
  table[{"Mish", ""}] = {activate_as<Activation::k_mish>};
  table[{"Gelu", ""}] = {gelu};
  table[{"Swish", ""}] = {swish};
  table[{"Gelu", microsoft}] = {activate_as<Activation::k_gelu_erf>};
  table[{"QuickGelu", microsoft}] = {swish};
  table[{"BiasGelu", microsoft}] = {activate_after_bias<Activation::k_gelu_erf>};
  table[{"FastGelu", microsoft}] = {activate_after_bias<Activation::k_gelu_tanh>};
}

}  // namespace hasten::engine::generic
