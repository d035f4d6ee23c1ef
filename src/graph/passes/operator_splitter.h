// What the splitters share that write an operator of ONNX Runtime as those that it is made of.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "graph/passes/probe_shapes.h"

namespace hasten::graph {

// Whether the dimensions are as many, and the first is the batch.
inline bool is_activation(const ProbeShapes& shapes, const std::optional<Dims>& dims,
                          std::size_t rank) {
  return dims && dims->size() == rank && (*dims)[0] == shapes.size().batch;
}

// Calls `split` of a Splitter(graph, shapes) for each operator of the type; returns how many it split.
template <typename Splitter>
std::size_t split_all(Graph& graph, std::string_view op_type) {
  std::vector<NodeId> found = graph.order();
  std::erase_if(found, [&](NodeId id) { return !graph.node(id).is(op_type, k_microsoft_domain); });
  if (found.empty()) return 0;  // working shapes out costs each start of a program
  const ProbeShapes shapes(graph);
  Splitter splitter(graph, shapes);
  std::size_t count = 0;
  for (const NodeId id : found) count += splitter.split(id) ? 1 : 0;
  graph.sort();
  graph.remove_dead();
  return count;
}

}  // namespace hasten::graph
