#include "architectures/activation.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

namespace hasten::architectures {
namespace {

// A chain of operators in one scope: short names for what the formulas below are made of.
struct Formula {
  EncoderBuilder& builder;
  std::string name;

  ValueId number(double value) const { return builder.number(value); }
  ValueId op(std::string_view type, std::vector<ValueId> inputs, std::string_view part) const {
    return builder.op(std::string(type), std::move(inputs), fmt::format("{}.{}", name, part));
  }
  ValueId last(std::string_view type, std::vector<ValueId> inputs) const {
    return builder.op(std::string(type), std::move(inputs), name);
  }
};

// x (1 + erf(x / sqrt 2)) / 2
ValueId gelu(const Formula& f, ValueId x) {
  const ValueId scaled = f.op("Div", {x, f.number(std::numbers::sqrt2)}, "scaled");
  const ValueId erf = f.op("Erf", {scaled}, "erf");
  const ValueId sum = f.op("Add", {erf, f.number(1)}, "erf_plus_one");
  return f.last("Mul", {f.op("Mul", {x, sum}, "doubled"), f.number(0.5)});
}

// x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2
ValueId gelu_tanh(const Formula& f, ValueId x) {
  const ValueId cube = f.op("Pow", {x, f.number(3)}, "cube");
  const ValueId small = f.op("Mul", {cube, f.number(0.044715)}, "cube_scaled");
  const ValueId inner = f.op("Add", {x, small}, "polynomial");
  const ValueId scaled = f.op("Mul", {inner, f.number(std::sqrt(2 / std::numbers::pi))}, "scaled");
  const ValueId sum = f.op("Add", {f.op("Tanh", {scaled}, "tanh"), f.number(1)}, "tanh_plus_one");
  return f.last("Mul", {f.op("Mul", {x, sum}, "doubled"), f.number(0.5)});
}

ValueId gelu_10(const Formula& f, ValueId x) {
  const ValueId unclipped = gelu({f.builder, f.name + ".gelu"}, x);
  return f.last("Clip", {unclipped, f.number(-10), f.number(10)});
}

// x sigmoid(1.702 x)
ValueId quick_gelu(const Formula& f, ValueId x) {
  const ValueId scaled = f.op("Mul", {x, f.number(1.702)}, "scaled");
  return f.last("Mul", {x, f.op("Sigmoid", {scaled}, "sigmoid")});
}

ValueId silu(const Formula& f, ValueId x) {
  return f.last("Mul", {x, f.op("Sigmoid", {x}, "sigmoid")});
}

// x tanh(log(1 + e^x))
ValueId mish(const Formula& f, ValueId x) {
  return f.last("Mul", {x, f.op("Tanh", {f.op("Softplus", {x}, "softplus")}, "tanh")});
}

// (1 + erf((x - mu) / (sigma sqrt 2))) / 2
ValueId laplace(const Formula& f, ValueId x) {
  const ValueId centred = f.op("Sub", {x, f.number(0.707107)}, "centred");
  const ValueId scaled = f.op("Div", {centred, f.number(0.282095 * std::numbers::sqrt2)}, "scaled");
  const ValueId sum = f.op("Add", {f.op("Erf", {scaled}, "erf"), f.number(1)}, "erf_plus_one");
  return f.last("Mul", {sum, f.number(0.5)});
}

ValueId relu(const Formula& f, ValueId x) {
  return f.last("Relu", {x});
}
ValueId tanh(const Formula& f, ValueId x) {
  return f.last("Tanh", {x});
}
ValueId sigmoid(const Formula& f, ValueId x) {
  return f.last("Sigmoid", {x});
}
ValueId linear(const Formula&, ValueId x) {
  return x;
}

ValueId relu_squared(const Formula& f, ValueId x) {
  const ValueId positive = f.op("Relu", {x}, "relu");
  return f.last("Mul", {positive, positive});
}

ValueId relu6(const Formula& f, ValueId x) {
  return f.last("Clip", {x, f.number(0), f.number(6)});
}

ValueId leaky_relu(const Formula& f, ValueId x) {
  return f.builder.op("LeakyRelu", {x}, f.name, {{"alpha", 0.01F}});
}

struct Named {
  std::string_view name;
  ValueId (*build)(const Formula& formula, ValueId input);
};

constexpr Named k_activations[] = {
    {"gelu", gelu},
    {"gelu_python", gelu},
    {"gelu_10", gelu_10},
    {"gelu_new", gelu_tanh},
    {"gelu_pytorch_tanh", gelu_tanh},
    {"gelu_python_tanh", gelu_tanh},
    {"gelu_accurate", gelu_tanh},
    {"gelu_fast", gelu_tanh},  // the same in float32: it cuts sqrt(2/pi) to ten digits
    {"quick_gelu", quick_gelu},
    {"relu", relu},
    {"relu2", relu_squared},
    {"relu6", relu6},
    {"leaky_relu", leaky_relu},
    {"silu", silu},
    {"swish", silu},
    {"mish", mish},
    {"tanh", tanh},
    {"sigmoid", sigmoid},
    {"laplace", laplace},
    {"linear", linear},
};

const Named* find_activation(std::string_view function) {
  for (const Named& activation : k_activations) {
    if (activation.name == function) return &activation;
  }
  return nullptr;
}

std::string all_names() {
  std::string out;
  for (const Named& activation : k_activations) {
    out += (out.empty() ? "" : ", ") + std::string(activation.name);
  }
  return out;
}

}  // namespace

std::string read_activation(Settings& settings, std::string_view key, std::string_view fallback) {
  std::string function = settings.text(key, std::string(fallback));
  if (find_activation(function) == nullptr) settings.refuse(key, all_names());
  return function;
}

ValueId add_activation(EncoderBuilder& builder, ValueId input, std::string_view key,
                       std::string_view fallback, const std::string& name) {
  return add_named_activation(builder, input, read_activation(builder.settings(), key, fallback),
                              name);
}

ValueId add_named_activation(EncoderBuilder& builder, ValueId input, std::string_view function,
                             const std::string& name) {
  return find_activation(function)->build({builder, name}, input);
}

}  // namespace hasten::architectures
