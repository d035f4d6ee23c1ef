// What the splitters share that write an operator of ONNX Runtime as those that it is made of.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/passes/floating_constant.h"
#include "graph/passes/match.h"
#include "graph/passes/probe_shapes.h"

namespace hasten::graph {

using Integers = std::vector<std::int64_t>;

// Adds nodes whose values are named after the operator's.
class OperatorBuilder {
 public:
  OperatorBuilder(Graph& graph, std::string name, DType dtype)
      : graph_(graph), name_(std::move(name)), dtype_(dtype) {}

  ValueId op(std::string type, std::vector<ValueId> inputs,
             std::map<std::string, Attribute> attributes = {}) {
    const ValueId result =
        graph_.add_op(type, std::move(inputs), std::move(attributes), name_ + "." + type);
    graph_.value(result).dtype = dtype_;
    return result;
  }
  ValueId integers(Integers values) {
    const Dims dims = {static_cast<std::int64_t>(values.size())};
    return graph_.add_constant(name_ + ".integers",
                               make_tensor<std::int64_t>(dims, std::move(values)));
  }
  ValueId number(double value) {
    return graph_.add_constant(name_ + ".number", make_floating(dtype_, {}, std::array{value}));
  }
  ValueId reshape(ValueId value, Integers dims) {
    return op("Reshape", {value, integers(std::move(dims))});
  }
  ValueId transpose(ValueId value, Integers permutation) {
    return op("Transpose", {value}, {{"perm", std::move(permutation)}});
  }
  ValueId slice(ValueId value, std::int64_t axis, std::int64_t begin, std::int64_t end) {
    return op("Slice", {value, integers({begin}), integers({end}), integers({axis})});
  }

 private:
  Graph& graph_;
  std::string name_;
  DType dtype_;
};

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
