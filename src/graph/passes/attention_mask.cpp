#include "graph/passes/attention_mask.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/passes/region.h"
#include "graph/passes/telling_lengths.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_most_nodes = 100;
constexpr std::int64_t k_hole = 2;

// Padding on both sides and a hole: 1 1 0 1 0 and 0 1 1 1 1, for five tokens.
bool is_kept(std::int64_t text, std::int64_t place, ProbeSize size) {
  return text % 2 == 0 ? place != k_hole && place != size.length - 1 : place != 0;
}

Tensor probe_input(bool patterned, ProbeSize size) {
  std::vector<std::int64_t> elements;
  for (std::int64_t text = 0; text < size.batch; ++text) {
    for (std::int64_t place = 0; place < size.length; ++place)
      elements.push_back(!patterned || is_kept(text, place, size) ? 1 : 0);
  }
  return make_tensor<std::int64_t>({size.batch, size.length}, std::move(elements));
}

std::vector<double> numbers_of(const Tensor& tensor) {
  if (is_floating(tensor.dtype)) return to_float64(tensor);
  const std::vector<std::int64_t> integers = to_int64(tensor);
  return {integers.begin(), integers.end()};
}

// Whether [batch, heads, queries, length] holds one value for kept tokens and another for the
// others.
bool read_values(const Tensor& result, ProbeSize size, MaskValues& found) {
  const Dims& dims = result.dims;
  if (dims.size() != 4 || dims[0] != size.batch || dims[3] != size.length || size.length <= k_hole)
    return false;
  const std::vector<double> values = numbers_of(result);
  found.kept = values[0];
  found.dropped = values[k_hole];
  std::size_t next = 0;
  for (std::int64_t text = 0; text < size.batch; ++text) {
    for (std::int64_t repeat = 0; repeat < dims[1] * dims[2]; ++repeat) {
      for (std::int64_t place = 0; place < size.length; ++place) {
        if (values[next++] != (is_kept(text, place, size) ? found.kept : found.dropped))
          return false;
      }
    }
  }
  return found.kept != found.dropped;
}

// What `value` is for a batch whose mask `candidate` is; nothing where it cannot be computed.
std::optional<Tensor> try_mask(const Graph& graph, const ShapeWalk& walk, ValueId value,
                               ValueId candidate) {
  const auto region = cut_out(graph, graph.inputs(), value, k_most_nodes, &walk);
  if (!region) return std::nullopt;
  std::vector<Tensor> inputs;
  for (const ValueId input : graph.inputs())
    inputs.push_back(probe_input(input == candidate, walk.size()));
  return try_out(*region, inputs);
}

// Whether a mask that hides the same keys from all queries of a short text does so in a longer one, too.
bool holds_for_longer_texts(const Graph& graph, const ShapeWalk& tried, ValueId value,
                            const MaskValues& found) {
  for (const std::int64_t length : telling_lengths(graph, value, tried.size().length)) {
    const ShapeWalk walk(graph, probe_size_of(graph, {1, length}));
    const auto result = try_mask(graph, walk, value, found.input);
    MaskValues longer{found.input, 0, 0};
    if (!result) continue;
    if (!read_values(*result, walk.size(), longer) || longer.kept != found.kept ||
        longer.dropped != found.dropped)
      return false;
  }
  return true;
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
  for (const ValueId candidate : graph.inputs()) {
    if (!takes_tokens(graph.value(candidate))) continue;
    const auto result = try_mask(graph, shapes.walk(), value, candidate);
    MaskValues found{candidate, 0, 0};
    if (!result || !read_values(*result, shapes.size(), found)) continue;
    const bool has_queries = result->dims[2] > 1;
    if (has_queries && !holds_for_longer_texts(graph, shapes.walk(), value, found)) continue;
    return found;
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
