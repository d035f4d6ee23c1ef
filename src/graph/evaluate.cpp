#include "graph/evaluate.h"

#include <algorithm>

#include "graph/execution.h"

namespace hasten::graph {
namespace {

// The node alone, with its inputs as constants and all its outputs as outputs.
Graph isolated(const Graph& graph, const Node& node) {
  Graph alone;
  alone.opsets = graph.opsets;
  Node copy = node;
  for (ValueId& input : copy.inputs) {
    if (input != k_no_value) input = alone.add_constant("", *graph.value(input).constant);
  }
  for (ValueId& output : copy.outputs) {
    if (output == k_no_value) continue;
    output = alone.add_value("");
    alone.add_output(output);
  }
  alone.add_node(std::move(copy));
  return alone;
}

template <typename Real>
std::vector<Tensor> run(const Graph& alone, const Node& node) {
  constexpr bool is_wide = std::is_same_v<Real, double>;
  constexpr HalfRounding rounding =
      is_wide ? HalfRounding::k_never : HalfRounding::k_by_every_operator;
  const std::vector<Array<Real>> arrays = Execution<Real>(alone, rounding).run({});
  std::vector<Tensor> outputs;
  auto next = arrays.begin();
  for (const ValueId output : node.outputs) {
    outputs.push_back(output == k_no_value ? Tensor{} : to_declared_tensor(*next++));
  }
  return outputs;
}

}  // namespace

std::optional<std::vector<Tensor>> evaluate(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const auto is_given = [&](ValueId input) {
    return input == k_no_value || graph.is_constant(input);
  };
  if (!std::all_of(node.inputs.begin(), node.inputs.end(), is_given)) return std::nullopt;
  const bool wide = std::any_of(node.inputs.begin(), node.inputs.end(), [&](ValueId input) {
    return input != k_no_value && graph.value(input).constant->dtype == DType::k_float64;
  });
  try {
    const Graph alone = isolated(graph, node);
    return wide ? run<double>(alone, node) : run<float>(alone, node);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace hasten::graph
