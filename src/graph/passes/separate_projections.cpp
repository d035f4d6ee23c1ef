//   f = Reshape(x, [batch, length, 3, heads, size])
//   t = Transpose(f) {perm=[0, 3, 2, 1, 4]}
//   q, k, v = Split(t) {axis=2}
//   y = Squeeze(q) {axes=[2]}
//     ==>   a, b, c = Split(x) {axis=2}
//           y = Transpose(Reshape(a, [0, 0, heads, size])) {perm=[0, 2, 1, 3]}
//
// in whatever operators five axes are made, chosen from and left: what they do to the places of elements is
// tried. A result that keeps [batch, length, heads, size] needs no Transpose.
#include <algorithm>
#include <array>
#include <map>

#include "graph/passes/match.h"
#include "graph/passes/passes.h"
#include "graph/passes/probe_shapes.h"
#include "graph/passes/region.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_most_nodes = 16;
constexpr std::size_t k_packed_axes = 5;
constexpr std::int64_t k_first_opset_with_split_input = 13;

bool is_layout(const Node& node) {
  static constexpr std::array<std::string_view, 8> k_kinds = {
      "Reshape", "Transpose", "Squeeze", "Split", "Unsqueeze", "Gather", "Slice", "Identity"};
  return node.domain == k_onnx_domain &&
         std::find(k_kinds.begin(), k_kinds.end(), node.op_type) != k_kinds.end();
}

// One of the equal parts that the columns of a projection are split into, with its heads.
struct Part {
  ValueId source = k_no_value;  // [batch, length, columns]
  std::int64_t heads = 0, size = 0, index = 0, parts = 0;
  bool turned = false;  // [batch, heads, length, size]
};

class Separation {
 public:
  explicit Separation(Graph& graph) : graph_(graph), shapes_(graph) {}

  std::optional<Part> find(NodeId id) const {
    const Node& node = graph_.node(id);
    if (!is_layout(node) || node.outputs.size() != 1) return std::nullopt;
    const auto& before = shapes_.dims(node.inputs[0]);
    const auto& after = shapes_.dims(node.outputs[0]);
    if (!before || !after || before->size() != k_packed_axes || after->size() + 1 != k_packed_axes)
      return std::nullopt;
    const ValueId source = find_source(node.inputs[0]);
    if (source == k_no_value) return std::nullopt;
    for (const bool turned : {true, false}) {
      auto part = part_of(source, *after, turned);
      if (part && place(*part, node.outputs[0])) return part;
    }
    return std::nullopt;
  }

  void replace(NodeId id, const Part& part) {
    const std::string name = graph_.value(graph_.node(id).outputs[0]).name;
    const ValueId columns = split(part)[static_cast<std::size_t>(part.index)];
    const ValueId shape = graph_.add_constant(
        name + ".heads", make_tensor<std::int64_t>({4}, {0, 0, part.heads, part.size}));
    if (!part.turned)
      return replace_node(graph_, id, {name, "Reshape", {}, {columns, shape}, {}, {}});
    const ValueId heads = graph_.add_op("Reshape", {columns, shape}, {}, name + ".split");
    replace_node(
        graph_, id,
        {name, "Transpose", {}, {heads}, {}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}}});
  }

 private:
  // Back to the columns before the axes.
  ValueId find_source(ValueId value) const {
    for (std::size_t step = 0; step < k_most_nodes; ++step) {
      const Node* node = find_producer(graph_, value);
      if (node == nullptr || !is_layout(*node)) return k_no_value;
      value = node->inputs[0];
      const auto& dims = shapes_.dims(value);
      if (dims && dims->size() == 3) return value;
    }
    return k_no_value;
  }

  std::optional<Part> part_of(ValueId source, const Dims& dims, bool turned) const {
    Part part;
    part.source = source;
    part.turned = turned;
    part.heads = dims[turned ? 1 : 2];
    part.size = dims[3];
    const Dims& columns = *shapes_.dims(source);
    const std::int64_t width = part.heads * part.size;
    const Dims expected = turned ? Dims{columns[0], part.heads, columns[1], part.size}
                                 : Dims{columns[0], columns[1], part.heads, part.size};
    if (columns[0] != shapes_.size().batch || columns[1] != shapes_.size().length ||
        dims != expected)
      return std::nullopt;
    if (width == 0 || columns[2] % width != 0 || columns[2] == width) return std::nullopt;
    part.parts = columns[2] / width;
    return part;
  }

  // The places in the source of the elements that the value has.
  std::vector<std::int64_t> places(const Part& part, ValueId value) const {
    const std::array<ValueId, 1> inputs = {part.source};
    const auto region = cut_out(graph_, inputs, value, k_most_nodes, &shapes_.walk());
    const Dims& dims = *shapes_.dims(part.source);
    std::vector<double> numbers(static_cast<std::size_t>(*element_count(dims)));
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<double>(i);
    const auto result =
        region ? try_out(*region, {make_tensor<double>(dims, std::move(numbers))}) : std::nullopt;
    std::vector<std::int64_t> found;
    if (!result || !is_floating(result->dtype)) return found;
    for (const double place : to_float64(*result))
      found.push_back(static_cast<std::int64_t>(place));
    return found;
  }

  // Sets the part's index; false when the value is no part of that kind.
  bool place(Part& part, ValueId value) const {
    const std::vector<std::int64_t> found = places(part, value);
    const std::int64_t width = part.heads * part.size;
    if (found.empty() || found[0] % width != 0) return false;
    part.index = found[0] / width;
    const Dims& dims = *shapes_.dims(value);
    std::size_t next = 0;
    for (std::int64_t text = 0; text < dims[0]; ++text) {
      for (std::int64_t i = 0; i < dims[1]; ++i) {
        for (std::int64_t j = 0; j < dims[2]; ++j) {
          const std::int64_t token = part.turned ? j : i;
          const std::int64_t head = part.turned ? i : j;
          const std::int64_t row = (text * shapes_.size().length + token) * width * part.parts;
          for (std::int64_t column = 0; column < part.size; ++column) {
            if (found[next++] != row + found[0] + head * part.size + column) return false;
          }
        }
      }
    }
    return true;
  }

  const std::vector<ValueId>& split(const Part& part) {
    auto& parts = split_[{part.source, part.parts}];
    if (!parts.empty()) return parts;
    const Value& source = graph_.value(part.source);
    Node node{source.name + ".parts", "Split", {}, {part.source}, {}, {{"axis", std::int64_t{2}}}};
    const std::vector<std::int64_t> sizes(static_cast<std::size_t>(part.parts),
                                          part.heads * part.size);
    const auto opset = graph_.opsets.find(std::string(k_onnx_domain));
    if (opset == graph_.opsets.end() || opset->second >= k_first_opset_with_split_input) {
      node.inputs.push_back(graph_.add_constant(source.name + ".widths",
                                                make_tensor<std::int64_t>({part.parts}, sizes)));
    } else {
      node.attributes["split"] = sizes;
    }
    for (std::int64_t index = 0; index < part.parts; ++index) {
      parts.push_back(graph_.add_value(source.name + ".part", source.dtype));
    }
    node.outputs = parts;
    graph_.add_node(std::move(node));
    return parts;
  }

  Graph& graph_;
  const ProbeShapes shapes_;
  std::map<std::pair<ValueId, std::int64_t>, std::vector<ValueId>> split_;
};

}  // namespace

PassOutcome separate_projections(Graph& graph) {
  PassOutcome outcome;
  Separation separation(graph);
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    const auto part = separation.find(id);
    if (!part) continue;
    separation.replace(id, *part);
    ++outcome.rewrites;
  }
  graph.sort();
  return outcome;
}

}  // namespace hasten::graph
