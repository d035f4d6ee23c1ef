#include "graph/passes/prefix_masks.h"

#include <array>

#include "graph/passes/cast_to_int32.h"
#include "graph/passes/match.h"
#include "graph/passes/region.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_most_nodes = 60;
constexpr std::size_t k_mask_input = 3;
constexpr std::int64_t k_length = 5;
constexpr std::array<std::int64_t, 3> k_lengths = {3, 5, 1};
constexpr auto k_texts = static_cast<std::int64_t>(k_lengths.size());

// The forms that Attention takes for it: the mask, the same for each query, lengths, lengths and
// starts.
bool means_prefixes(const Tensor& tensor) {
  if (is_floating(tensor.dtype)) return false;
  const std::vector<std::int64_t> values = to_int64(tensor);
  const std::vector<std::int64_t> mask = prefix_mask();
  std::vector<std::int64_t> lengths(k_lengths.begin(), k_lengths.end());
  if (tensor.dims == Dims{k_texts}) return values == lengths;
  lengths.resize(2 * k_lengths.size(), 0);
  if (tensor.dims == Dims{2 * k_texts}) return values == lengths;
  if (tensor.dims == Dims{k_texts, k_length}) return values == mask;
  if (tensor.dims != Dims{k_texts, k_length, k_length}) return false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t text = i / (k_length * k_length);
    if (values[i] != mask[text * k_length + i % k_length]) return false;
  }
  return true;
}

// The graph's input that a mask is made of; k_no_value when it is no mask of prefixes.
ValueId find_source(const Graph& graph, ValueId mask) {
  const auto region = cut_out(graph, graph.inputs(), mask, k_most_nodes);
  if (!region) return k_no_value;
  const std::vector<std::int64_t> ones(static_cast<std::size_t>(k_texts * k_length), 1);
  for (const ValueId candidate : graph.inputs()) {
    std::vector<Tensor> inputs;
    for (const ValueId input : graph.inputs()) {
      inputs.push_back(make_tensor<std::int64_t>({k_texts, k_length},
                                                 input == candidate ? prefix_mask() : ones));
    }
    const auto result = try_out(*region, inputs);
    if (result && means_prefixes(*result)) return candidate;
  }
  return k_no_value;
}

}  // namespace

Dims prefix_batch_dims() {
  return {k_texts, k_length};
}

std::vector<std::int64_t> prefix_mask() {
  std::vector<std::int64_t> mask;
  for (const std::int64_t length : k_lengths) {
    for (std::int64_t place = 0; place < k_length; ++place) mask.push_back(place < length ? 1 : 0);
  }
  return mask;
}

void read_masks_as_prefixes(Graph& graph) {
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    if (!graph.node(id).is("Attention", k_microsoft_domain)) continue;
    if (!has_input(graph.node(id), k_mask_input)) continue;
    const ValueId source = find_source(graph, graph.node(id).inputs[k_mask_input]);
    if (source == k_no_value) continue;
    const ValueId mask = cast_to_int32(graph, source);
    graph.node(id).inputs[k_mask_input] = mask;
    graph.reindex();
  }
  graph.sort();
  graph.remove_dead();
}

}  // namespace hasten::graph
