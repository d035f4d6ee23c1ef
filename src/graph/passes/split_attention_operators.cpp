//   y = com.microsoft.MultiHeadAttention(q, k, v, _, mask, bias) {scale}
//     ==>   s = Add(Add(MatMul(heads(q), heads(k)^T) * scale, bias), Where(mask, 0, filter))
//           y = merge(MatMul(Softmax(s), heads(v)))
//
//   y = com.microsoft.RotaryEmbedding(x, positions, cos, sin)
//     ==>   h = heads(x)
//           y = merge(h * cos[positions] + Concat(-h[half:], h[:half]) * sin[positions])
#include "graph/passes/split_attention_operators.h"

#include <array>
#include <cmath>
#include <optional>

#include "base/onnx_dtype.h"
#include "graph/passes/floating_constant.h"
#include "graph/passes/match.h"
#include "graph/passes/probe_shapes.h"
#include "graph/passes/value_type.h"

namespace hasten::graph {
namespace {

using Integers = std::vector<std::int64_t>;

// Adds nodes whose values are named after the operator's.
class Builder {
 public:
  Builder(Graph& graph, std::string name, DType dtype)
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

struct Sizes {
  std::int64_t heads, query, value;  // sizes of a head
};

bool is_activation(const ProbeShapes& shapes, const std::optional<Dims>& dims, std::size_t rank) {
  return dims && dims->size() == rank && (*dims)[0] == shapes.size().batch;
}

class AttentionSplitter {
 public:
  AttentionSplitter(Graph& graph, const ProbeShapes& shapes) : graph_(graph), shapes_(shapes) {}

  bool split(NodeId id) {
    const Node node = graph_.node(id);
    const auto sizes = sizes_of(node);
    const auto dtype = sizes ? find_type(graph_, node.inputs[0]) : std::nullopt;
    if (!sizes || !dtype || !is_floating(*dtype)) return false;
    Builder builder(graph_, graph_.value(node.outputs[0]).name, *dtype);
    const std::array<ValueId, 3> operands = with_bias(node, *sizes, builder);
    const ValueId query = heads(operands[0], sizes->heads, sizes->query, builder);
    const ValueId key = heads(operands[1], sizes->heads, sizes->query, builder);
    const ValueId value = heads(operands[2], sizes->heads, sizes->value, builder);
    ValueId scores = builder.op("MatMul", {query, builder.transpose(key, {0, 1, 3, 2})});
    const double scale = node.number("scale", 0);
    scores = builder.op(
        "Mul", {scores, builder.number(scale != 0 ? scale : 1 / std::sqrt(double(sizes->query)))});
    if (has_input(node, 5)) scores = builder.op("Add", {scores, unexpanded(node.inputs[5])});
    if (has_input(node, 4)) scores = builder.op("Add", {scores, mask(node, builder)});
    const ValueId shares = builder.op("Softmax", {scores}, {{"axis", std::int64_t{-1}}});
    const ValueId context = builder.transpose(builder.op("MatMul", {shares, value}), {0, 2, 1, 3});
    const ValueId shape = builder.integers({0, 0, sizes->heads * sizes->value});
    replace_node(graph_, id, {node.name, "Reshape", {}, {context, shape}, {}, {}});
    return true;
  }

 private:
  // Nothing for forms that stay.
  std::optional<Sizes> sizes_of(const Node& node) const {
    for (const std::size_t past : {6, 7, 8, 9}) {
      if (has_input(node, past)) return std::nullopt;
    }
    const std::int64_t heads = node.integer("num_heads", 0);
    if (!has_input(node, 1) || !has_input(node, 2) || node.outputs.size() != 1 || heads <= 0 ||
        node.integer("unidirectional", 0) != 0 ||
        !is_activation(shapes_, shapes_.dims(node.inputs[0]), 3)) {
      return std::nullopt;
    }
    if (has_input(node, 4) && !is_activation(shapes_, shapes_.dims(node.inputs[4]), 2))
      return std::nullopt;
    const std::int64_t width = (*shapes_.dims(node.inputs[0]))[2];
    const auto& value = shapes_.dims(node.inputs[2]);
    const bool by_head = is_activation(shapes_, value, 4);
    const auto& key = shapes_.dims(node.inputs[1]);
    if (!is_activation(shapes_, value, by_head ? 4 : 3) ||
        !is_activation(shapes_, key, by_head ? 4 : 3))
      return std::nullopt;
    const std::int64_t value_width = by_head ? (*value)[3] * heads : (*value)[2];
    const bool is_biased = has_input(node, 3);
    const bool has_vector =
        is_biased && !by_head &&
        constant_vector(graph_, node.inputs[3], 2 * width + value_width) != nullptr;
    if (width % heads != 0 || value_width % heads != 0 || (is_biased && !has_vector))
      return std::nullopt;
    return Sizes{heads, width / heads, value_width / heads};
  }

  std::array<ValueId, 3> with_bias(const Node& node, const Sizes& sizes, Builder& builder) {
    std::array<ValueId, 3> operands = {node.inputs[0], node.inputs[1], node.inputs[2]};
    if (!has_input(node, 3)) return operands;
    const std::array widths = {sizes.heads * sizes.query, sizes.heads * sizes.query,
                               sizes.heads * sizes.value};
    std::int64_t begin = 0;
    for (std::size_t k = 0; k < operands.size(); ++k) {
      operands[k] = builder.op(
          "Add", {operands[k], part_of_vector(graph_, node.inputs[3], begin, widths[k])});
      begin += widths[k];
    }
    return operands;
  }

  // The sum broadcasts as well.
  ValueId unexpanded(ValueId bias) const {
    const Node* node = find_producer(graph_, bias);
    return node != nullptr && node->is("Expand") ? node->inputs[0] : bias;
  }

  // [batch, heads, sequence, size], without a merge that would only be undone.
  ValueId heads(ValueId value, std::int64_t heads, std::int64_t size, Builder& builder) {
    if (is_activation(shapes_, shapes_.dims(value), 4)) return value;
    const Dims split = {shapes_.size().batch, shapes_.size().length, heads, size};
    const Node* merge = find_producer(graph_, value);
    const bool is_merged =
        merge != nullptr && merge->is("Reshape") && shapes_.dims(merge->inputs[0]) == split;
    if (!is_merged)
      return builder.transpose(builder.reshape(value, {0, 0, heads, size}), {0, 2, 1, 3});
    const Node* turn = find_producer(graph_, merge->inputs[0]);
    if (turn != nullptr && turn->is("Transpose") &&
        turn->integers("perm", {}) == Integers{0, 2, 1, 3}) {
      return turn->inputs[0];
    }
    return builder.transpose(merge->inputs[0], {0, 2, 1, 3});
  }

  // 0 for keys that are kept, [batch, 1, 1, keys].
  ValueId mask(const Node& node, Builder& builder) {
    const ValueId kept =
        builder.op("Cast", {node.inputs[4]}, {{"to", onnx_code_of(DType::k_bool)}});
    graph_.value(kept).dtype = DType::k_bool;
    const ValueId filter = builder.number(node.number("mask_filter_value", -10000.0F));
    return builder.reshape(builder.op("Where", {kept, builder.number(0), filter}), {0, 1, 1, -1});
  }

  Graph& graph_;
  const ProbeShapes& shapes_;
};

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
    Builder builder(graph_, graph_.value(node.outputs[0]).name, *dtype);
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
      const ValueId merged = builder.integers({0, 0, dims->back()});
      replace_node(graph_, id,
                   {node.name, "Reshape", {}, {builder.op("Add", terms), merged}, {}, {}});
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

  // Of each token, beside heads: [batch or 1, sequence, 1, size] or [batch or 1, 1, sequence,
  // size].
  ValueId angles(const Node& node, std::size_t table, bool by_head, Builder& builder) {
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
  ValueId positions_from(const Node& node, bool by_head, Builder& builder) {
    const auto scalar = [&](std::int64_t value) {
      return graph_.add_constant("position", make_tensor<std::int64_t>({}, {value}));
    };
    const auto integer_op = [&](std::string type, std::vector<ValueId> inputs) {
      const ValueId result = builder.op(std::move(type), std::move(inputs));
      graph_.value(result).dtype = DType::k_int64;
      return result;
    };
    const ValueId shape = integer_op("Shape", {node.inputs[0]});
    const ValueId length = integer_op("Gather", {shape, scalar(by_head ? 2 : 1)});
    return integer_op("Add", {integer_op("Range", {scalar(0), length, scalar(1)}), node.inputs[1]});
  }

  Graph& graph_;
  const ProbeShapes& shapes_;
};

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

}  // namespace

std::size_t split_attention_operators(Graph& graph) {
  // Shapes are worked out anew behind rotations.
  const std::size_t rotations = split_all<RotationSplitter>(graph, "RotaryEmbedding");
  return rotations + split_all<AttentionSplitter>(graph, "MultiHeadAttention");
}

}  // namespace hasten::graph
