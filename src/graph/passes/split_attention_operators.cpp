//   y = com.microsoft.MultiHeadAttention(q, k, v, _, mask, bias) {scale}
//     ==>   s = Add(Add(MatMul(heads(q), heads(k)^T) * scale, bias), Where(mask, 0, filter))
//           y = merge(MatMul(Softmax(s), heads(v)))
#include "graph/passes/split_attention_operators.h"

#include <array>
#include <cmath>
#include <optional>

#include "graph/passes/match.h"
#include "graph/passes/operator_builder.h"
#include "graph/passes/operator_splitter.h"
#include "graph/passes/split_rotary_embedding.h"
#include "graph/passes/value_type.h"

namespace hasten::graph {
namespace {

struct Sizes {
  std::int64_t heads, query, value;  // sizes of a head
};

class AttentionSplitter {
 public:
  AttentionSplitter(Graph& graph, const ProbeShapes& shapes) : graph_(graph), shapes_(shapes) {}

  bool split(NodeId id) {
    const Node node = graph_.node(id);
    const auto sizes = sizes_of(node);
    const auto dtype = sizes ? find_type(graph_, node.inputs[0]) : std::nullopt;
    if (!sizes || !dtype || !is_floating(*dtype)) return false;
    OperatorBuilder builder(graph_, graph_.value(node.outputs[0]).name, *dtype);
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

  std::array<ValueId, 3> with_bias(const Node& node, const Sizes& sizes, OperatorBuilder& builder) {
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
  ValueId heads(ValueId value, std::int64_t heads, std::int64_t size, OperatorBuilder& builder) {
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
  ValueId mask(const Node& node, OperatorBuilder& builder) {
    const ValueId kept = builder.as(DType::k_bool).cast(node.inputs[4]);
    const ValueId filter = builder.number(node.number("mask_filter_value", -10000.0F));
    return builder.reshape(builder.op("Where", {kept, builder.number(0), filter}), {0, 1, 1, -1});
  }

  Graph& graph_;
  const ProbeShapes& shapes_;
};

}  // namespace

std::size_t split_attention_operators(Graph& graph) {
  // Shapes are worked out anew behind rotations.
  const std::size_t rotations = split_rotary_embeddings(graph);
  return rotations + split_all<AttentionSplitter>(graph, "MultiHeadAttention");
}

}  // namespace hasten::graph
