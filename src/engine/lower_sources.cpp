#include "engine/lower_sources.h"

#include <algorithm>

namespace hasten::engine {

Sources::Sources(const graph::Graph& graph) : of_value_(graph.value_count(), Source::k_inputs) {
  for (std::size_t i = 0; i < of_value_.size(); ++i) {
    const auto id = static_cast<graph::ValueId>(i);
    if (graph.is_constant(id)) of_value_[i] = Source::k_constants;
  }
  for (const graph::ValueId input : graph.inputs()) {
    if (graph.value(input).name == "attention_mask") {
      of_value_[static_cast<std::size_t>(input)] = Source::k_lengths;
    }
  }
  for (const graph::NodeId id : graph.order()) {
    const graph::Node& node = graph.node(id);
    for (const graph::ValueId output : node.outputs) {
      if (output != graph::k_no_value) of_value_[static_cast<std::size_t>(output)] = of(node);
    }
  }
}

Source Sources::of(const graph::Node& node) const {
  if (node.is("Shape") && of(node.inputs[0]) != Source::k_constants) return Source::k_lengths;
  Source source = Source::k_constants;
  for (const graph::ValueId input : node.inputs) {
    if (input != graph::k_no_value) source = std::max(source, of(input));
  }
  return source;
}

}  // namespace hasten::engine
