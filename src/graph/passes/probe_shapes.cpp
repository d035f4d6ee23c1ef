#include "graph/passes/probe_shapes.h"

#include "graph/fixed_sizes.h"

namespace hasten::graph {

ProbeSize probe_size_of(const Graph& graph, ProbeSize size) {
  const FixedSizes fixed = fixed_sizes(graph);
  return {fixed.batch > 0 ? fixed.batch : size.batch,
          fixed.length > 0 ? fixed.length : size.length};
}

bool ProbeShapes::same_dims(ValueId a, ValueId b) const {
  return first_.dims(a) && second_.dims(a) && first_.dims(a) == first_.dims(b) &&
         second_.dims(a) == second_.dims(b);
}

std::optional<double> ProbeShapes::number(ValueId id) const {
  const Tensor* first = first_.value(id);
  const Tensor* second = second_.value(id);
  for (const Tensor* tensor : {first, second}) {
    if (tensor == nullptr || tensor->size() != 1 || !is_floating(tensor->dtype))
      return std::nullopt;
  }
  const double number = to_float64(*first)[0];
  return to_float64(*second)[0] == number ? std::optional(number) : std::nullopt;
}

std::optional<double> factor_of(const ProbeShapes& shapes, const Node& node, ValueId& input) {
  const bool divides = node.is("Div");
  if (!node.is("Mul") && !divides) return std::nullopt;
  for (const std::size_t factor : {std::size_t{1}, std::size_t{0}}) {
    const auto number = shapes.number(node.inputs[factor]);
    if (!number || (divides && factor == 0)) continue;
    input = node.inputs[1 - factor];
    return divides ? 1 / *number : *number;
  }
  return std::nullopt;
}

}  // namespace hasten::graph
