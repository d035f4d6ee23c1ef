#include "graph/passes/restore_qlinear.h"

#include <algorithm>
#include <array>

#include "graph/block_weights.h"
#include "graph/passes/match.h"

namespace hasten::graph {
namespace {

// Where an operator has an operand, which is followed by its scale and zero point.
struct Operator {
  std::string_view op_type;
  std::string_view domain;
  std::string_view becomes;
  std::vector<std::size_t> plain;  // inputs that are no integers with a scale, before the operands
  std::vector<std::size_t> operands;  // places of the integers
  std::size_t result_scale;
};

const std::array<Operator, 8>& operators() {
  static const std::array<Operator, 8> all = {{
      {"QLinearMatMul", k_onnx_domain, "MatMul", {}, {0, 3}, 6},
      {"QLinearAdd", k_microsoft_domain, "Add", {}, {0, 3}, 6},
      {"QLinearMul", k_microsoft_domain, "Mul", {}, {0, 3}, 6},
      {"QLinearSigmoid", k_microsoft_domain, "Sigmoid", {}, {0}, 3},
      {"QLinearLeakyRelu", k_microsoft_domain, "LeakyRelu", {}, {0}, 3},
      {"QLinearSoftmax", k_microsoft_domain, "Softmax", {}, {0}, 3},
      {"QLinearReduceMean", k_microsoft_domain, "ReduceMean", {}, {0}, 3},
      {"QLinearWhere", k_microsoft_domain, "Where", {0}, {1, 4}, 7},
  }};
  return all;
}

ValueId input_at(const Node& node, std::size_t index) {
  return has_input(node, index) ? node.inputs[index] : k_no_value;
}

class Restoring {
 public:
  explicit Restoring(Graph& graph) : graph_(graph) {}

  bool restore(NodeId id) {
    const Node node = graph_.node(id);
    if (node.is("QLinearConcat", k_microsoft_domain)) return restore_concat(id, node);
    if (node.is("QGemm", k_microsoft_domain)) return restore_gemm(id, node);
    for (const Operator& each : operators()) {
      if (node.is(each.op_type, each.domain)) return restore(id, node, each);
    }
    return false;
  }

 private:
  bool restore(NodeId id, const Node& node, const Operator& form) {
    std::vector<ValueId> inputs;
    for (const std::size_t index : form.plain) inputs.push_back(input_at(node, index));
    for (const std::size_t index : form.operands) inputs.push_back(dequantized(node, index));
    auto attributes = node.attributes;
    attributes.erase("opset");
    const ValueId result = computed(node, std::string(form.becomes), std::move(inputs), attributes);
    quantize(id, node, result, form.result_scale);
    return true;
  }

  // Scale and zero point of the result, then triples.
  bool restore_concat(NodeId id, const Node& node) {
    std::vector<ValueId> inputs;
    for (std::size_t index = 2; index + 1 < node.inputs.size(); index += 3)
      inputs.push_back(dequantized(node, index));
    const ValueId result = computed(node, "Concat", std::move(inputs), node.attributes);
    quantize(id, node, result, 0);
    return true;
  }

  // a, b, and c in units of both scales; without a scale of the result it is no integer.
  bool restore_gemm(NodeId id, const Node& node) {
    std::vector<ValueId> inputs = {dequantized(node, 0), dequantized(node, 3)};
    if (has_input(node, 6)) {
      const auto addend = addend_of(node);
      if (!addend) return false;
      inputs.push_back(graph_.add_constant(graph_.value(node.inputs[6]).name + ".addend", *addend));
    }
    if (node.integer("transB", 0) != 0 && size_of_constant(node.inputs[4]) != 1) return false;
    const ValueId result = computed(node, "Gemm", std::move(inputs), node.attributes);
    if (has_input(node, 7)) {
      quantize(id, node, result, 7);
    } else {
      graph_.remove_node(id);
      graph_.replace_uses(node.outputs[0], result);
    }
    return true;
  }

  std::int64_t size_of_constant(ValueId value) const {
    return graph_.is_constant(value) ? graph_.value(value).constant->size() : 0;
  }

  std::optional<Tensor> addend_of(const Node& node) const {
    for (const std::size_t index : {std::size_t{1}, std::size_t{4}, std::size_t{6}}) {
      if (!graph_.is_constant(node.inputs[index])) return std::nullopt;
    }
    const Tensor& levels = *graph_.value(node.inputs[6]).constant;
    const std::vector<double> left = to_float64(*graph_.value(node.inputs[1]).constant);
    const std::vector<double> right = to_float64(*graph_.value(node.inputs[4]).constant);
    const double alpha = node.number("alpha", 1);
    const std::vector<std::int64_t> integers = to_int64(levels);
    if (left.size() != 1 || (right.size() != 1 && right.size() != integers.size()))
      return std::nullopt;
    std::vector<float> values;
    for (std::size_t i = 0; i < integers.size(); ++i) {
      const double scale = alpha * left[0] * right[right.size() == 1 ? 0 : i];
      values.push_back(static_cast<float>(static_cast<double>(integers[i]) * scale));
    }
    return make_tensor<float>(levels.dims, std::move(values));
  }

  ValueId dequantized(const Node& node, std::size_t index) {
    std::vector<ValueId> inputs = {node.inputs[index], node.inputs[index + 1]};
    if (has_input(node, index + 2)) inputs.push_back(node.inputs[index + 2]);
    const ValueId result =
        graph_.add_op("DequantizeLinear", std::move(inputs), {{"axis", std::int64_t{-1}}},
                      graph_.value(node.inputs[index]).name + ".dequantized");
    graph_.value(result).dtype = DType::k_float32;
    return result;
  }

  ValueId computed(const Node& node, std::string op_type, std::vector<ValueId> inputs,
                   std::map<std::string, Attribute> attributes) {
    const ValueId result =
        graph_.add_op(std::move(op_type), std::move(inputs), std::move(attributes),
                      graph_.value(node.outputs[0]).name + ".computed");
    graph_.value(result).dtype = DType::k_float32;
    return result;
  }

  void quantize(NodeId id, const Node& node, ValueId result, std::size_t scale) {
    std::vector<ValueId> inputs = {result, node.inputs[scale]};
    if (has_input(node, scale + 1)) inputs.push_back(node.inputs[scale + 1]);
    replace_node(graph_, id, {node.name, "QuantizeLinear", {}, std::move(inputs), {}, {}});
  }

  Graph& graph_;
};

// Operators that only move elements of their first input.
bool moves_elements(const Graph& graph, const Node& node) {
  static constexpr std::array<std::string_view, 10> k_kinds = {
      "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Slice",
      "Split",   "Flatten",   "Expand",  "Identity",  "Gather"};
  return node.domain == k_onnx_domain && !graph.is_constant(node.inputs[0]) &&
         std::find(k_kinds.begin(), k_kinds.end(), node.op_type) != k_kinds.end();
}

//   DequantizeLinear(Transpose(x), scale, zero)   ==>   Transpose(DequantizeLinear(x, scale, zero))
bool move_dequantizing(Graph& graph, NodeId id) {
  const Node dequantizing = graph.node(id);
  const Node* found = find_producer(graph, dequantizing.inputs[0]);
  if (found == nullptr || !moves_elements(graph, *found) ||
      !graph.is_constant(dequantizing.inputs[1]) ||
      graph.value(dequantizing.inputs[1]).constant->size() != 1) {
    return false;
  }
  Node moving = *found;
  Node before = dequantizing;
  before.inputs[0] = moving.inputs[0];
  before.outputs = {
      graph.add_value(graph.value(moving.inputs[0]).name + ".dequantized", DType::k_float32)};
  moving.inputs[0] = before.outputs[0];
  for (ValueId& output : moving.outputs) {
    if (output == k_no_value) continue;
    output = output == dequantizing.inputs[0]
                 ? dequantizing.outputs[0]
                 : graph.add_value(graph.value(output).name + ".moved", DType::k_float32);
  }
  graph.remove_node(id);
  graph.add_node(std::move(before));
  graph.add_node(std::move(moving));
  return true;
}

}  // namespace

std::size_t restore_qlinear(Graph& graph) {
  std::size_t rewritten = 0;
  Restoring restoring(graph);
  std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) rewritten += restoring.restore(id) ? 1 : 0;
  if (rewritten == 0) return 0;
  graph.sort();
  bool moved = true;
  while (moved) {
    moved = false;
    order = graph.order();
    for (const NodeId id : order) {
      if (graph.node(id).is("DequantizeLinear")) moved = move_dequantizing(graph, id) || moved;
    }
    graph.sort();
  }
  graph.remove_dead();
  return rewritten;
}

void restore_block_products(Graph& graph) {
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    const Node node = graph.node(id);
    const auto form = node.is("MatMulNBits", k_microsoft_domain) ? block_form(node) : std::nullopt;
    if (!form || has_input(node, 4) || !graph.is_constant(node.inputs[1]) ||
        !graph.is_constant(node.inputs[2]) ||
        (has_input(node, 3) && !graph.is_constant(node.inputs[3]))) {
      continue;
    }
    const Tensor& scales = *graph.value(node.inputs[2]).constant;
    std::vector<std::int64_t> packed_zeros;
    std::vector<double> zeros;
    if (has_input(node, 3)) {
      const Tensor& given = *graph.value(node.inputs[3]).constant;
      if (is_floating(given.dtype)) {
        zeros = to_float64(given);
      } else {
        packed_zeros = to_int64(given);
      }
    }
    const auto matrix = block_weights(*form, to_int64(*graph.value(node.inputs[1]).constant),
                                      to_float64(scales), packed_zeros, zeros);
    if (!matrix) continue;
    const ValueId weight = graph.add_constant(
        graph.value(node.inputs[1]).name + ".matrix",
        make_tensor<float>({form->inputs, form->outputs}, {matrix->begin(), matrix->end()}));
    const std::string name = graph.value(node.outputs[0]).name;
    ValueId result = graph.add_op("MatMul", {node.inputs[0], weight}, {}, name + ".product");
    if (has_input(node, 5))
      result = graph.add_op("Add", {result, node.inputs[5]}, {}, name + ".sum");
    graph.remove_node(id);
    graph.replace_uses(node.outputs[0], result);
  }
  graph.sort();
}

}  // namespace hasten::graph
