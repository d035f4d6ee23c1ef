//   a = Div(x, sqrt 2)
//   b = Erf(a)
//   c = Add(b, 1)
//   d = Mul(x, c)
//   y = Mul(d, 0.5)                          ==>   y = com.microsoft.Gelu(x)
//
// and the form with tanh to com.microsoft.FastGelu. Exporters write both in many ways; what is
// around an Erf or Tanh is therefore tried on numbers and taken for the function whose values it
// has.
#include <cmath>
#include <numbers>
#include <set>

#include "graph/passes/match.h"
#include "graph/passes/passes.h"
#include "graph/passes/region.h"

namespace hasten::graph {
namespace {

constexpr int k_depth = 6;                // nodes from x to the Erf or Tanh, and from there to y
constexpr std::size_t k_most_nodes = 14;  // of the whole formula

double gelu(double x) {
  return 0.5 * x * (1 + std::erf(x / std::numbers::sqrt2));
}

double gelu_tanh(double x) {
  const double inner = std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x);
  return 0.5 * x * (1 + std::tanh(inner));
}

struct Function {
  std::string_view anchor;  // the operator around which it is looked for
  std::string_view fused;
  double (*compute)(double x);
};

constexpr Function k_functions[] = {{"Erf", "Gelu", gelu}, {"Tanh", "FastGelu", gelu_tanh}};

// Far out too: gelu_10 is cut at 10.
constexpr double k_points[] = {-60.0,  -7.5, -3.25, -2.0, -1.0, -0.5, -0.125, 0,
                               0.0625, 0.75, 1.0,   1.5,  3.0,  9.0,  12.0,   60.0};

// The two functions differ by up to 5e-4; half-precision constants by up to 2e-4.
bool has_values_of(const Function& function, const Tensor& result, bool half) {
  if (result.dims != Dims{std::size(k_points)}) return false;
  const double tolerance = half ? 2e-4 : 1e-5;
  const std::vector<double> values = to_float64(result);
  for (std::size_t i = 0; i < std::size(k_points); ++i) {
    const double expected = function.compute(k_points[i]);
    if (!(std::abs(values[i] - expected) <= tolerance * std::max(1.0, std::abs(expected))))
      return false;
  }
  return true;
}

bool is_half(const Graph& graph, ValueId value) {
  const auto dtype = graph.value(value).dtype;
  return dtype == DType::k_float16 || dtype == DType::k_bfloat16;
}

struct Match {
  ValueId input, output;
};

std::optional<Match> find_match(const Graph& graph, const Function& function, const Node& anchor) {
  const Tensor points = make_tensor<double>(
      {std::size(k_points)}, std::vector<double>(std::begin(k_points), std::end(k_points)));
  const auto outputs = rowwise_descendants(graph, anchor.outputs[0], k_depth);
  for (const ValueId input : rowwise_ancestors(graph, anchor.inputs[0], k_depth)) {
    for (auto output = outputs.rbegin(); output != outputs.rend(); ++output) {
      const auto region = cut_out(graph, {&input, 1}, *output, k_most_nodes);
      if (!region) continue;
      const auto result = try_out(*region, {points});
      if (result && has_values_of(function, *result, is_half(graph, input))) {
        return Match{input, *output};
      }
    }
  }
  return std::nullopt;
}

const Function* function_around(const Node& node) {
  for (const Function& function : k_functions) {
    if (node.is(function.anchor)) return &function;
  }
  return nullptr;
}

// A Tanh that is no part of a product is an activation of its own.
bool looks_like_gelu(const Graph& graph, const Node& anchor) {
  if (anchor.is("Erf")) return true;
  for (const NodeId id : graph.consumers(anchor.outputs[0])) {
    const Node& reader = graph.node(id);
    if (!reader.is("Add")) continue;
    const auto one = constant_number(graph, other_input(reader, anchor.outputs[0]));
    if (one && *one == 1) return true;
  }
  return false;
}

}  // namespace

PassOutcome fuse_gelu(Graph& graph) {
  PassOutcome outcome;
  std::set<ValueId> fused;
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    const Node& anchor = graph.node(id);
    const Function* function = function_around(anchor);
    if (function == nullptr || !looks_like_gelu(graph, anchor)) continue;
    const auto match = find_match(graph, *function, anchor);
    if (!match) {
      outcome.unmatched.push_back(
          describe(graph, {id, "to be a part of GELU (a product of x and a function of x)"}));
      continue;
    }
    if (!fused.insert(match->output).second) continue;
    const std::string name = graph.value(match->output).name;
    replace_node(graph, graph.producer(match->output),
                 {name,
                  std::string(function->fused),
                  std::string(k_microsoft_domain),
                  {match->input},
                  {},
                  {}});
    ++outcome.rewrites;
  }
  return outcome;
}

}  // namespace hasten::graph
