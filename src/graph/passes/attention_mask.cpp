#include "graph/passes/attention_mask.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/passes/region.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_most_nodes = 100;

// Padding on both sides and a hole.
constexpr std::int64_t k_pattern[k_probe_size.batch][k_probe_size.length] = {{1, 1, 0, 1, 0},
                                                                             {0, 1, 1, 1, 1}};

Tensor probe_input(bool patterned) {
  std::vector<std::int64_t> elements;
  for (const auto& row : k_pattern) {
    for (const std::int64_t kept : row) elements.push_back(patterned ? kept : 1);
  }
  return make_tensor<std::int64_t>({k_probe_size.batch, k_probe_size.length}, std::move(elements));
}

std::vector<double> numbers_of(const Tensor& tensor) {
  if (is_floating(tensor.dtype)) return to_float64(tensor);
  const std::vector<std::int64_t> integers = to_int64(tensor);
  return {integers.begin(), integers.end()};
}

// Whether [batch, heads, queries, length] holds one value for kept tokens and another for the
// others.
bool read_values(const Tensor& result, MaskValues& found) {
  const Dims& dims = result.dims;
  if (dims.size() != 4 || dims[0] != k_probe_size.batch || dims[3] != k_probe_size.length)
    return false;
  const std::vector<double> values = numbers_of(result);
  found.kept = values[0];
  found.dropped = values[2];
  std::size_t next = 0;
  for (const auto& row : k_pattern) {
    for (std::int64_t repeat = 0; repeat < dims[1] * dims[2]; ++repeat) {
      for (const std::int64_t kept : row) {
        if (values[next++] != (kept != 0 ? found.kept : found.dropped)) return false;
      }
    }
  }
  return found.kept != found.dropped;
}

}  // namespace

double filter_that_replaces(double filter) {
  if (filter <= k_absorbing_filter) return filter;
  return std::numeric_limits<float>::lowest();
}

float filter_attribute(double filter) {
  if (std::isinf(filter)) return -std::numeric_limits<float>::infinity();
  return static_cast<float>(std::max<double>(filter, std::numeric_limits<float>::lowest()));
}

std::optional<MaskValues> find_mask(const Graph& graph, const ProbeShapes& shapes, ValueId value) {
  const auto region = cut_out(graph, graph.inputs(), value, k_most_nodes, &shapes.walk());
  if (!region) return std::nullopt;
  for (const ValueId candidate : graph.inputs()) {
    if (!takes_tokens(graph.value(candidate))) continue;
    std::vector<Tensor> inputs;
    for (const ValueId input : graph.inputs()) inputs.push_back(probe_input(input == candidate));
    const auto result = try_out(*region, inputs);
    MaskValues found{candidate, 0, 0};
    if (result && read_values(*result, found)) return found;
  }
  return std::nullopt;
}

std::optional<MaskSource> read_masking(const Graph& graph, const ProbeShapes& shapes,
                                       const Node& node, ValueId& scores) {
  if (node.is("Add")) {
    for (const std::size_t operand : {std::size_t{1}, std::size_t{0}}) {
      const auto mask = find_mask(graph, shapes, node.inputs[operand]);
      // TensorFlow's BERT adds 1e-9 to kept tokens: softmax takes away what is added to all.
      constexpr double k_next_to_nothing = 1e-6;
      if (!mask || std::abs(mask->kept) > k_next_to_nothing || !(mask->dropped <= k_weakest_filter))
        continue;
      scores = node.inputs[1 - operand];
      return MaskSource{mask->input, mask->dropped};
    }
  }
  if (!node.is("Where")) return std::nullopt;
  for (const std::size_t chosen : {std::size_t{1}, std::size_t{2}}) {
    const auto filter = shapes.number(node.inputs[chosen]);
    if (!filter || !(*filter <= k_weakest_filter)) continue;
    const auto condition = find_mask(graph, shapes, node.inputs[0]);
    if (!condition || condition->dropped != (chosen == 1 ? 1 : 0)) continue;
    scores = node.inputs[3 - chosen];
    return MaskSource{condition->input, filter_that_replaces(*filter)};
  }
  return std::nullopt;
}

}  // namespace hasten::graph
