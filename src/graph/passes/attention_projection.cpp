#include "graph/passes/attention_projection.h"

#include <fmt/format.h>

#include "graph/passes/attention_layout.h"
#include "graph/passes/match.h"

namespace hasten::graph {
namespace {

constexpr int k_most_steps = 12;

// Nodes from the projection to the operand, the last one first.
struct Chain {
  ValueId start;
  std::vector<NodeId> layout;  // Reshape and Transpose
  double scale = 1;
};

bool is_layout(const Node& node) {
  return node.is("Reshape") || node.is("Transpose");
}

Chain follow_back(const Graph& graph, const ProbeShapes& shapes, ValueId operand) {
  Chain chain{operand, {}, 1};
  for (int step = 0; step < k_most_steps; ++step) {
    const NodeId id = graph.producer(chain.start);
    if (id == k_no_node) break;
    const Node& node = graph.node(id);
    if (is_layout(node)) {
      chain.layout.push_back(id);
      chain.start = node.inputs[0];
    } else if (const auto factor = factor_of(shapes, node, chain.start)) {
      chain.scale *= *factor;
    } else {
      break;
    }
  }
  return chain;
}

// Reads weight and bias at the beginning of the chain.
Projection read_linear(const Graph& graph, const Chain& chain, NodeId reader) {
  Projection projection;
  projection.scale = chain.scale;
  NodeId id = graph.producer(chain.start);
  const NodeId stopped = chain.layout.empty() ? reader : chain.layout.back();
  if (id == k_no_node) throw Mismatch{stopped, "a projection before it"};
  if (graph.node(id).is("Add")) {
    const Node& add = graph.node(id);
    const bool bias_is_left = constant_vector(graph, add.inputs[0]) != nullptr;
    projection.bias = add.inputs[bias_is_left ? 0 : 1];
    if (constant_vector(graph, projection.bias) == nullptr) throw Mismatch{id, "a constant bias"};
    const NodeId product = graph.producer(add.inputs[bias_is_left ? 1 : 0]);
    if (product == k_no_node) throw Mismatch{id, "a MatMul before the bias"};
    id = product;
  }
  const Node& product = graph.node(id);
  if (!product.is("MatMul")) throw Mismatch{id, "a MatMul that projects to query, key or value"};
  projection.input = product.inputs[0];
  projection.weight = product.inputs[1];
  const ValueId stored = stored_constant(graph, projection.weight);
  if (stored == k_no_value || graph.value(stored).constant->dims.size() != 2) {
    throw Mismatch{id, "a constant matrix"};
  }
  return projection;
}

// Finds the number of heads with which the chain splits heads.
void read_heads(const Graph& graph, const ProbeShapes& shapes, const Chain& chain,
                HeadLayout layout, Projection& projection, NodeId reader) {
  const std::int64_t width =
      graph.value(stored_constant(graph, projection.weight)).constant->dims[1];
  Places places({shapes.size().batch, shapes.size().length, width});
  for (auto id = chain.layout.rbegin(); id != chain.layout.rend(); ++id) {
    if (!apply_layout(graph, shapes, graph.node(*id), places)) {
      throw Mismatch{*id, "a Reshape or Transpose whose result is known"};
    }
  }
  const Dims& dims = places.dims();
  const NodeId last = chain.layout.empty() ? reader : chain.layout.front();
  if (dims.size() != 4 || width % dims[1] != 0) {
    throw Mismatch{last, "heads split to [batch, heads, sequence, head size]"};
  }
  projection.heads = dims[1];
  projection.head_size = width / dims[1];
  Places expected({shapes.size().batch, shapes.size().length, width});
  expected.reshape(std::vector<std::int64_t>{0, 0, projection.heads, projection.head_size});
  expected.transpose(layout == HeadLayout::k_rows ? std::vector<std::int64_t>{0, 2, 1, 3}
                                                  : std::vector<std::int64_t>{0, 2, 3, 1});
  if (!(places == expected))
    throw Mismatch{last, "heads split to [batch, heads, sequence, head size]"};
}

void set_heads(const Graph& graph, Projection& projection, std::int64_t heads, NodeId reader) {
  const std::int64_t width =
      graph.value(stored_constant(graph, projection.weight)).constant->dims[1];
  if (width % heads != 0) throw Mismatch{reader, "a width that its heads divide"};
  projection.heads = heads;
  projection.head_size = width / heads;
}

}  // namespace

ValueId stored_constant(const Graph& graph, ValueId value) {
  if (graph.is_constant(value)) return value;
  const Node* node = find_producer(graph, value);
  const bool widens = node != nullptr && (node->is("Cast") || node->is("DequantizeLinear"));
  return widens && graph.is_constant(node->inputs[0]) ? node->inputs[0] : k_no_value;
}

Projection trace_projection(const Graph& graph, const ProbeShapes& shapes, ValueId operand,
                            NodeId reader, HeadLayout layout, std::int64_t unsplit_heads) {
  const Chain chain = follow_back(graph, shapes, operand);
  Projection projection = read_linear(graph, chain, reader);
  if (chain.layout.empty() && unsplit_heads > 0) {
    set_heads(graph, projection, unsplit_heads, reader);
  } else {
    read_heads(graph, shapes, chain, layout, projection, reader);
  }
  if (projection.bias != k_no_value &&
      constant_vector(graph, projection.bias, projection.heads * projection.head_size) == nullptr) {
    throw Mismatch{graph.producer(chain.start), "a bias as wide as the projection"};
  }
  return projection;
}

}  // namespace hasten::graph
