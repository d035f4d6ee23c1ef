//   y = com.microsoft.RotaryEmbedding(x, positions, cos, sin)
//     ==>   h = heads(x)
//           y = merge(h * cos[positions] + Concat(-h[half:], h[:half]) * sin[positions])
#include "graph/passes/split_rotary_embedding.h"

#include "graph/passes/match.h"
#include "graph/passes/operator_builder.h"
#include "graph/passes/operator_splitter.h"
#include "graph/passes/value_type.h"

namespace hasten::graph {
namespace {

class RotationSplitter {
 public:
  RotationSplitter(Graph& graph, const ProbeShapes& shapes) : graph_(graph), shapes_(shapes) {}

  bool split(NodeId id) {
    const Node node = graph_.node(id);
    if (!is_whole_rotation(node)) return false;
    const auto& dims = shapes_.dims(node.inputs[0]);
    const std::int64_t half = (*shapes_.dims(node.inputs[2]))[1];
    const bool by_head = dims->size() == 4;
    const auto dtype = find_type(graph_, node.inputs[0]);
    if (!dtype || !is_floating(*dtype)) return false;
    OperatorBuilder builder(graph_, graph_.value(node.outputs[0]).name, *dtype);
    const ValueId x =
        by_head ? node.inputs[0] : builder.reshape(node.inputs[0], {0, 0, -1, 2 * half});
    const ValueId first = builder.slice(x, 3, 0, half);
    const ValueId second = builder.slice(x, 3, half, 2 * half);
    const ValueId other =
        builder.op("Concat", {builder.op("Neg", {second}), first}, {{"axis", std::int64_t{3}}});
    const ValueId cosines = angles(node, 2, by_head, builder);
    const ValueId sines = angles(node, 3, by_head, builder);
    const std::vector<ValueId> terms = {builder.op("Mul", {x, cosines}),
                                        builder.op("Mul", {other, sines})};
    if (by_head) {
      replace_node(graph_, id, {node.name, "Add", {}, terms, {}, {}});
    } else {
      const ValueId sum = builder.op("Add", terms);
      skip_splits(node.outputs[0], sum,
                  {(*dims)[0], (*dims)[1], dims->back() / (2 * half), 2 * half});
      const ValueId merged = builder.integers({0, 0, dims->back()});
      replace_node(graph_, id, {node.name, "Reshape", {}, {sum, merged}, {}, {}});
    }
    return true;
  }

 private:
  bool is_whole_rotation(const Node& node) const {
    if (node.inputs.size() < 4 || node.integer("interleaved", 0) != 0 ||
        node.integer("is_packed_batching", 0) != 0 || node.number("scale", 1) != 1) {
      return false;
    }
    const auto& dims = shapes_.dims(node.inputs[0]);
    const auto& positions = shapes_.dims(node.inputs[1]);
    const auto& cosines = shapes_.dims(node.inputs[2]);
    if ((!is_activation(shapes_, dims, 3) && !is_activation(shapes_, dims, 4)) || !positions ||
        positions->empty() || !cosines || cosines->size() != 2 ||
        shapes_.dims(node.inputs[3]) != cosines) {
      return false;
    }
    const std::int64_t size = 2 * (*cosines)[1];
    const std::int64_t part = node.integer("rotary_embedding_dim", 0);
    const std::int64_t heads = node.integer("num_heads", 0);
    return size > 0 && (part == 0 || part == size) && dims->back() % size == 0 &&
           (dims->size() == 4 ? dims->back() == size : heads == 0 || dims->back() == heads * size);
  }

  // Readers that split heads again read them before they are merged.
  void skip_splits(ValueId merged, ValueId heads, const Dims& split) {
    const std::vector<NodeId> readers = graph_.consumers(merged);
    for (const NodeId reader : readers) {
      const Node& node = graph_.node(reader);
      if (node.is("Reshape") && node.inputs[0] == merged && shapes_.dims(node.outputs[0]) == split)
        graph_.replace_uses(node.outputs[0], heads);
    }
  }

  // Of each token, beside heads: [batch or 1, sequence, 1, size] or [batch or 1, 1, sequence,
  // size].
  ValueId angles(const Node& node, std::size_t table, bool by_head, OperatorBuilder& builder) {
    const std::int64_t half = (*shapes_.dims(node.inputs[table]))[1];
    const bool is_offset = shapes_.dims(node.inputs[1])->size() == 1;
    const ValueId positions = is_offset ? positions_from(node, by_head, builder) : node.inputs[1];
    const ValueId rows = builder.op("Gather", {node.inputs[table], positions});
    const std::int64_t batch = is_offset ? 1 : 0;
    const ValueId apart = builder.reshape(
        rows, by_head ? Integers{batch, 1, -1, half} : Integers{batch, -1, 1, half});
    return builder.op("Concat", {apart, apart}, {{"axis", std::int64_t{3}}});
  }

  // [sequence]: offset, offset + 1, ...
  static ValueId positions_from(const Node& node, bool by_head, const OperatorBuilder& builder) {
    OperatorBuilder places = builder.as(DType::k_int64);
    const ValueId shape = places.op("Shape", {node.inputs[0]});
    const ValueId length = places.op("Gather", {shape, places.integer(by_head ? 2 : 1)});
    const ValueId range = places.op("Range", {places.integer(0), length, places.integer(1)});
    return places.op("Add", {range, node.inputs[1]});
  }

  Graph& graph_;
  const ProbeShapes& shapes_;
};

}  // namespace

std::size_t split_rotary_embeddings(Graph& graph) {
  return split_all<RotationSplitter>(graph, "RotaryEmbedding");
}

}  // namespace hasten::graph
