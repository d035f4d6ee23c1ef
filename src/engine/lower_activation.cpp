// Activations: what exporters write in one operator or in ten is tried on numbers and taken for the
// function whose values it has.
#include <algorithm>
#include <cmath>
#include <set>

#include "engine/lowering.h"
#include "graph/passes/match.h"
#include "graph/passes/region.h"

namespace hasten::engine {
namespace {

using graph::Node;
using graph::ValueId;

constexpr std::size_t k_most_nodes = 40;

constexpr std::string_view k_elementwise[] = {
    "Abs",     "Add",       "BiasGelu",   "Cast",     "Clip",      "Div",  "Elu",
    "Erf",     "Exp",       "FastGelu",   "Gelu",     "Log",       "Max",  "Min",
    "Mish",    "Mul",       "Neg",        "Pow",      "QuickGelu", "Relu", "Sub",
    "Sigmoid", "LeakyRelu", "Reciprocal", "Softplus", "Softsign",  "Sqrt", "Tanh"};
// What else happens to heads that are turned.
constexpr std::string_view k_within_heads[] = {"Concat", "Reshape", "Slice",
                                               "Split",  "Squeeze", "Unsqueeze"};

template <std::size_t count>
bool is_one_of(const std::string_view (&names)[count], std::string_view op_type) {
  return std::find(std::begin(names), std::end(names), op_type) != std::end(names);
}

double gelu(double x) {
  return x / 2 * std::erfc(-x / std::sqrt(2.0));
}
double gelu_tanh(double x) {
  return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}
double laplace(double x) {
  return std::erfc(-(x - 0.707107) / (0.282095 * std::sqrt(2.0))) / 2;
}

struct Function {
  Activation activation;
  double (*compute)(double x);
};
constexpr Function k_functions[] = {
    {Activation::k_none, [](double x) { return x; }},
    {Activation::k_gelu_erf, gelu},
    {Activation::k_gelu_tanh, gelu_tanh},
    {Activation::k_relu, [](double x) { return std::max(x, 0.0); }},
    {Activation::k_silu, [](double x) { return x / (1 + std::exp(-x)); }},
    {Activation::k_tanh, [](double x) { return std::tanh(x); }},
    {Activation::k_sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }},
    {Activation::k_gelu_10, [](double x) { return std::clamp(gelu(x), -10.0, 10.0); }},
    {Activation::k_quick_gelu, [](double x) { return x / (1 + std::exp(-1.702 * x)); }},
    {Activation::k_relu_squared, [](double x) { return x > 0 ? x * x : 0; }},
    {Activation::k_relu6, [](double x) { return std::clamp(x, 0.0, 6.0); }},
    {Activation::k_leaky_relu, [](double x) { return x < 0 ? 0.01 * x : x; }},
    {Activation::k_mish, [](double x) { return x * std::tanh(std::log1p(std::exp(x))); }},
    {Activation::k_laplace, laplace},
};

constexpr double k_points[] = {-20, -7.5, -3.25, -2,  -1, -0.5, -0.125, 0, 0.0625,
                               0.6, 0.75, 1,     1.5, 3,  5,    9,      15};

std::optional<Activation> name_function(const Tensor& result, bool half) {
  // Optimisers give numbers axes of their own.
  if (result.size() != static_cast<std::int64_t>(std::size(k_points))) return std::nullopt;
  const std::vector<double> values = numbers_of(result);
  for (const Function& function : k_functions) {
    const auto differs = [&](std::size_t i) {
      const double expected = function.compute(k_points[i]);
      const double tolerance = (half ? 2e-4 : 1e-5) * std::max(1.0, std::abs(expected));
      return !(std::abs(values[i] - expected) <= tolerance);
    };
    std::size_t i = 0;
    while (i < std::size(k_points) && !differs(i)) ++i;
    if (i == std::size(k_points)) return function.activation;
  }
  return std::nullopt;
}

// The function that leads from one value to another, after another one.
std::optional<Activation> recognize(const Lowering& lowering, ValueId source, ValueId value,
                                    Activation before) {
  const graph::Graph& graph = lowering.graph();
  const std::vector<ValueId> inputs = {source};
  const auto region = graph::cut_out(graph, inputs, value, k_most_nodes);
  const auto first =
      std::find_if(std::begin(k_functions), std::end(k_functions),
                   [&](const Function& function) { return function.activation == before; });
  if (!region || first == std::end(k_functions)) return std::nullopt;
  std::vector<double> points;
  for (const double point : k_points) points.push_back(first->compute(point));
  const auto result =
      graph::try_out(*region, {make_tensor<double>({std::size(k_points)}, std::move(points))});
  const auto dtype = graph.value(value).dtype;
  const bool half = dtype == DType::k_float16 || dtype == DType::k_bfloat16;
  return result ? name_function(*result, half) : std::nullopt;
}

}  // namespace

Activation recognize_activation(const Lowering& lowering, ValueId source, ValueId value) {
  const auto activation = recognize(lowering, source, value, Activation::k_none);
  expect(activation.has_value(), "an activation function that the engine has");
  return *activation;
}

ValueId source_of(const Lowering& lowering, const Node& node, std::size_t input) {
  if (const auto* derived = lowering.find<Derived>(node, input)) return derived->source;
  const bool starts = lowering.find<BufferId>(node, input) != nullptr ||
                      lowering.find<View>(node, input) != nullptr ||
                      lowering.find<Channels>(node, input) != nullptr ||
                      lowering.find<Heads>(node, input) != nullptr;
  return starts ? node.inputs[input] : graph::k_no_value;
}

bool is_only_way(const graph::Graph& graph, ValueId source, ValueId value) {
  std::set<ValueId> between = {source};
  std::vector<ValueId> open = {value};
  std::set<graph::NodeId> nodes;
  while (!open.empty()) {
    const ValueId next = open.back();
    open.pop_back();
    const graph::NodeId producer = graph.producer(next);
    if (next == source || producer == graph::k_no_node) continue;
    if (next != value) between.insert(next);
    if (!nodes.insert(producer).second) continue;
    for (const ValueId input : graph.node(producer).inputs) {
      if (input != graph::k_no_value) open.push_back(input);
    }
  }
  return std::all_of(between.begin(), between.end(), [&](ValueId id) {
    const auto& consumers = graph.consumers(id);
    return !graph.is_output(id) &&
           std::all_of(consumers.begin(), consumers.end(), [&](graph::NodeId reader) {
             return nodes.contains(reader) || graph.node(reader).is("Shape");
           });
  });
}

// Notes that a node's results come from one value and numbers alone.
bool derive(Lowering& lowering, const Node& node) {
  ValueId source = graph::k_no_value;
  bool of_numbers = true;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const ValueId input = node.inputs[i];
    if (input == graph::k_no_value) continue;
    if (lowering.lengths().contains(input)) {
      of_numbers = of_numbers && lowering.graph().is_constant(input) &&
                   lowering.graph().value(input).constant->size() == 1;
      continue;
    }
    const ValueId found = source_of(lowering, node, i);
    if (found == graph::k_no_value || (source != graph::k_no_value && source != found))
      return false;
    source = found;
  }
  if (source == graph::k_no_value) return false;
  const bool of_heads = std::holds_alternative<Heads>(lowering.of(source));
  const bool elementwise = is_one_of(k_elementwise, node.op_type);
  if (of_heads ? !elementwise && !is_one_of(k_within_heads, node.op_type)
               : !elementwise || !of_numbers) {
    return false;
  }
  for (const ValueId output : node.outputs) {
    if (output != graph::k_no_value) lowering.set(output, Derived{source});
  }
  return true;
}

BufferId compute_activation(Lowering& lowering, ValueId value) {
  const ValueId source = std::get<Derived>(lowering.of(value)).source;
  const auto* input = std::get_if<BufferId>(&lowering.of(source));
  const auto* channels = std::get_if<Channels>(&lowering.of(source));
  expect(input != nullptr || channels != nullptr, "an activation of whole rows");
  const bool is_turned = channels != nullptr;
  const BufferId buffer = is_turned ? channels->buffer : *input;
  const auto become = [&](BufferId result) {
    lowering.set(value, is_turned ? LoweredValue(Channels{result}) : LoweredValue(result));
    return result;
  };
  Linear* linear = is_only_way(lowering.graph(), source, value)
                       ? lowering.linear_without_residual(buffer)
                       : nullptr;
  if (linear != nullptr && linear->activation != Activation::k_none) {
    // A BiasGelu that is cut at 10 is one function.
    if (const auto both = recognize(lowering, source, value, linear->activation)) {
      linear->activation = *both;
      return become(buffer);
    }
    linear = nullptr;
  }
  const Activation activation = recognize_activation(lowering, source, value);
  if (linear != nullptr) {
    linear->activation = activation;
    return become(buffer);
  }
  return become(lowering.append(Activate{buffer, activation, {}}, lowering.rows(buffer),
                                lowering.width(buffer)));
}

}  // namespace hasten::engine
