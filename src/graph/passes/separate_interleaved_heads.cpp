//   p = MatMul(x, const w [K, heads * 3 * size])
//   f = Reshape(p, [batch, length, heads, 3 * size])
//   t = Transpose(f) {perm=[0, 2, 1, 3]}
//   q, k, v = Split(t) {axis=3}
//     ==>   a = MatMul(x, const the columns of w that q is made of)
//           q = Transpose(Reshape(a, [0, 0, heads, size])) {perm=[0, 2, 1, 3]}
//
// as DeBERTa (the first) has query, key and value of each head side by side. What the operators in between do
// to the places of columns is tried; columns that lie together are left to separate_projections. A bias between
// the product and the Reshape is cut up likewise, and so are weights that are stored as integers.
#include <algorithm>
#include <array>
#include <map>

#include "graph/evaluate.h"
#include "graph/passes/match.h"
#include "graph/passes/operator_builder.h"
#include "graph/passes/passes.h"
#include "graph/passes/probe_shapes.h"
#include "graph/passes/region.h"
#include "graph/passes/value_type.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_most_nodes = 16;
constexpr std::size_t k_head_axes = 4;
constexpr std::int64_t k_parts =
    3;  // query, key and value; halves of heads are what rotations take

bool is_layout(const Node& node) {
  static constexpr std::array<std::string_view, 8> k_kinds = {
      "Reshape", "Transpose", "Squeeze", "Split", "Unsqueeze", "Gather", "Slice", "Identity"};
  return node.domain == k_onnx_domain &&
         std::find(k_kinds.begin(), k_kinds.end(), node.op_type) != k_kinds.end();
}

// Columns of a product that are the heads of a value.
struct Part {
  ValueId source = k_no_value;  // [batch, length, columns]
  std::int64_t heads = 0, size = 0;
  bool turned = false;                // [batch, heads, length, size]
  std::vector<std::int64_t> columns;  // heads * size of them
};

// What the columns of a product are computed from.
struct Product {
  ValueId input = k_no_value, weight = k_no_value, bias = k_no_value;
};

class Separation {
 public:
  explicit Separation(Graph& graph) : graph_(graph), shapes_(graph) {}

  bool separate(ValueId value) {
    const auto part = find(value);
    const auto product = part ? find_product(part->source) : std::nullopt;
    if (!product) return false;
    const std::string name = graph_.value(value).name;
    OperatorBuilder builder(graph_, name, find_type(graph_, value));
    const ValueId weight = columns_of(product->weight, *part);
    if (weight == k_no_value) return false;
    ValueId columns = builder.op("MatMul", {product->input, weight});
    if (product->bias != k_no_value)
      columns = builder.op("Add", {columns, chosen(product->bias, part->columns)});
    ValueId heads = builder.reshape(columns, {0, 0, part->heads, part->size});
    if (part->turned) heads = builder.transpose(heads, {0, 2, 1, 3});
    graph_.replace_uses(value, heads);
    return true;
  }

 private:
  std::optional<Part> find(ValueId value) const {
    const auto& after = shapes_.dims(value);
    const Node* node = find_producer(graph_, value);
    if (node == nullptr || !is_layout(*node) || !after || after->size() != k_head_axes ||
        graph_.is_output(value))
      return std::nullopt;
    const auto& before = shapes_.dims(node->inputs[0]);
    if (!before || element_count(*before) == element_count(*after)) return std::nullopt;
    const ValueId source = find_source(node->inputs[0]);
    if (source == k_no_value) return std::nullopt;
    for (const bool turned : {true, false}) {
      Part part{source, (*after)[turned ? 1 : 2], (*after)[3], turned, {}};
      if (has_axes(part, *after) && place(part, value) && !lie_together(part.columns)) return part;
    }
    return std::nullopt;
  }

  // Back to the columns before the axes.
  ValueId find_source(ValueId value) const {
    for (std::size_t step = 0; step < k_most_nodes; ++step) {
      const auto& dims = shapes_.dims(value);
      if (dims && dims->size() == 3) return value;
      const Node* node = find_producer(graph_, value);
      if (node == nullptr || !is_layout(*node)) return k_no_value;
      value = node->inputs[0];
    }
    return k_no_value;
  }

  bool has_axes(const Part& part, const Dims& dims) const {
    const Dims& columns = *shapes_.dims(part.source);
    const Dims expected = part.turned ? Dims{columns[0], part.heads, columns[1], part.size}
                                      : Dims{columns[0], columns[1], part.heads, part.size};
    return columns[0] == shapes_.size().batch && columns[1] == shapes_.size().length &&
           dims == expected && k_parts * part.heads * part.size == columns[2];
  }

  // Sets the columns that the heads are; false where a head is of anything but its token's columns.
  bool place(Part& part, ValueId value) const {
    const std::array<ValueId, 1> inputs = {part.source};
    const auto region = cut_out(graph_, inputs, value, k_most_nodes, &shapes_.walk());
    const Dims& from = *shapes_.dims(part.source);
    std::vector<double> numbers(static_cast<std::size_t>(*element_count(from)));
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<double>(i);
    const auto result =
        region ? try_out(*region, {make_tensor<double>(from, std::move(numbers))}) : std::nullopt;
    if (!result || !is_floating(result->dtype)) return false;
    const std::vector<double> places = to_float64(*result);
    const std::int64_t width = part.heads * part.size;
    part.columns.assign(static_cast<std::size_t>(width), -1);
    const Dims& dims = *shapes_.dims(value);
    std::size_t next = 0;
    for (std::int64_t text = 0; text < dims[0]; ++text) {
      for (std::int64_t i = 0; i < dims[1]; ++i) {
        for (std::int64_t j = 0; j < dims[2]; ++j) {
          const std::int64_t token = text * from[1] + (part.turned ? j : i);
          const std::int64_t head = part.turned ? i : j;
          for (std::int64_t k = 0; k < part.size; ++k) {
            const std::int64_t column = static_cast<std::int64_t>(places[next++]) - token * from[2];
            std::int64_t& held = part.columns[static_cast<std::size_t>(head * part.size + k)];
            if (column < 0 || column >= from[2] || (held >= 0 && held != column)) return false;
            held = column;
          }
        }
      }
    }
    return true;
  }

  static bool lie_together(const std::vector<std::int64_t>& columns) {
    for (std::size_t i = 1; i < columns.size(); ++i) {
      if (columns[i] != columns[0] + static_cast<std::int64_t>(i)) return false;
    }
    return true;
  }

  std::optional<Product> find_product(ValueId source) const {
    Product product;
    const Node* node = find_producer(graph_, source);
    if (node != nullptr && node->is("Add")) {
      for (const std::size_t bias : {std::size_t{1}, std::size_t{0}}) {
        const Tensor* vector =
            constant_vector(graph_, node->inputs[bias], shapes_.dims(source)->back());
        if (vector == nullptr || vector->dims.size() != 1) continue;
        product.bias = node->inputs[bias];
        node = find_producer(graph_, node->inputs[1 - bias]);
        break;
      }
    }
    if (node == nullptr || !node->is("MatMul")) return std::nullopt;
    product.input = node->inputs[0];
    product.weight = node->inputs[1];
    return product;
  }

  // The constant with those indices of its last axis.
  ValueId chosen(ValueId constant, const std::vector<std::int64_t>& columns) {
    const Value& value = graph_.value(constant);
    const auto count = static_cast<std::int64_t>(columns.size());
    const ValueId indices =
        graph_.add_constant(value.name + ".columns", make_tensor<std::int64_t>({count}, columns));
    const std::int64_t axis = static_cast<std::int64_t>(value.constant->dims.size()) - 1;
    const ValueId gathered =
        graph_.add_op("Gather", {constant, indices}, {{"axis", axis}}, value.name + ".part");
    graph_.value(gathered).dtype = value.constant->dtype;
    const NodeId node = graph_.producer(gathered);
    const auto results = evaluate(graph_, node);
    if (!results) return gathered;
    graph_.remove_node(node);
    return graph_.add_constant(value.name + ".part", (*results)[0]);
  }

  // The weight's columns; k_no_value where it is neither a constant matrix nor one of stored integers.
  ValueId columns_of(ValueId weight, const Part& part) {
    const std::int64_t width = shapes_.dims(part.source)->back();
    if (graph_.is_constant(weight))
      return is_matrix(weight, width) ? chosen(weight, part.columns) : k_no_value;
    const Node* stored = find_producer(graph_, weight);
    if (stored == nullptr || !stored->is("DequantizeLinear") ||
        !is_matrix(stored->inputs[0], width))
      return k_no_value;
    const std::int64_t axis = stored->integer("axis", 1);
    Node copy = *stored;
    for (std::size_t index = 0; index < copy.inputs.size(); ++index) {
      if (copy.inputs[index] == k_no_value) continue;
      if (!graph_.is_constant(copy.inputs[index])) return k_no_value;
      const bool by_column = index == 0 || graph_.value(copy.inputs[index]).constant->size() != 1;
      if (index > 0 && by_column && axis != 1 && axis != -1) return k_no_value;
      if (by_column) copy.inputs[index] = chosen(copy.inputs[index], part.columns);
    }
    copy.outputs = {
        graph_.add_value(graph_.value(weight).name + ".part", graph_.value(weight).dtype)};
    const ValueId result = copy.outputs[0];
    graph_.add_node(std::move(copy));
    return result;
  }

  bool is_matrix(ValueId value, std::int64_t columns) const {
    if (!graph_.is_constant(value)) return false;
    const Dims& dims = graph_.value(value).constant->dims;
    return dims.size() == 2 && dims[1] == columns;
  }

  Graph& graph_;
  const ProbeShapes shapes_;
};

}  // namespace

PassOutcome separate_interleaved_heads(Graph& graph) {
  PassOutcome outcome;
  Separation separation(graph);
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    const std::vector<ValueId> outputs = graph.node(id).outputs;
    for (const ValueId output : outputs) {
      if (output != k_no_value && separation.separate(output)) ++outcome.rewrites;
    }
  }
  graph.sort();
  if (outcome.rewrites > 0) graph.remove_dead();
  return outcome;
}

}  // namespace hasten::graph
