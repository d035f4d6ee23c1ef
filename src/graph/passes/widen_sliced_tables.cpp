//   t = Slice(const table [rows, width], start, end) {axis 0}     start and end made of the text's length
//   p = MatMul(q, heads of t, turned)
//   y = GatherElements(p, entries)           ==>   y = GatherElements(MatMul(q, heads of table, turned),
//                                                                     Add(entries, start))
//
// as DeBERTa (the first) cuts its vectors of distances to those that a text of that length has. Entries of the
// whole table are the same for texts of any length. Both forms are tried on numbers, for two lengths.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "graph/passes/match.h"
#include "graph/passes/operator_builder.h"
#include "graph/passes/passes.h"
#include "graph/passes/probe_shapes.h"
#include "graph/passes/region.h"
#include "graph/passes/value_type.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_most_nodes = 200;
constexpr std::size_t k_most_between = 60;

// But for how numbers are rounded that are computed from sizes.
bool is_near(const Tensor& left, const Tensor& right) {
  constexpr double k_tolerance = 1e-6;
  const std::vector<double> a = to_float64(left);
  const std::vector<double> b = to_float64(right);
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!(std::abs(a[i] - b[i]) <= k_tolerance * std::max(1.0, std::abs(a[i])))) return false;
  }
  return true;
}

class Widening {
 public:
  explicit Widening(Graph& graph) : graph_(graph), shapes_(graph) {}

  bool widen(NodeId id) {
    const Node lookup = graph_.node(id);
    if (!lookup.is("GatherElements") || !is_over_last(lookup)) return false;
    const NodeId product = graph_.producer(lookup.inputs[0]);
    if (product == k_no_node || !graph_.node(product).is("MatMul")) return false;
    const NodeId slice = find_slice(graph_.node(product).inputs[1]);
    if (slice == k_no_node) return false;
    const ValueId result = whole(lookup, graph_.node(product), slice);
    if (!agrees(lookup.outputs[0], result, graph_.node(product).inputs[0])) return false;
    graph_.replace_uses(lookup.outputs[0], result);
    return true;
  }

 private:
  bool is_over_last(const Node& lookup) const {
    const auto& dims = shapes_.dims(lookup.outputs[0]);
    const std::int64_t axis = lookup.integer("axis", 0);
    return dims && (axis == -1 || axis + 1 == static_cast<std::int64_t>(dims->size()));
  }

  // The nodes that a value is computed by, nearest first, without those of sizes.
  std::vector<NodeId> nodes_before(ValueId value) const {
    std::vector<NodeId> found;
    std::vector<ValueId> open = {value};
    std::set<NodeId> seen;
    for (std::size_t next = 0; next < open.size() && found.size() < k_most_between; ++next) {
      const NodeId id = open[next] == k_no_value ? k_no_node : graph_.producer(open[next]);
      if (id == k_no_node || graph_.node(id).is("Shape") || !seen.insert(id).second) continue;
      found.push_back(id);
      const Node& node = graph_.node(id);
      open.insert(open.end(), node.inputs.begin(), node.inputs.end());
    }
    return found;
  }

  // The one Slice of rows whose first row is made of lengths; k_no_node where there is none.
  NodeId find_slice(ValueId vectors) const {
    for (const NodeId id : nodes_before(vectors)) {
      const Node& node = graph_.node(id);
      if (!node.is("Slice") || !has_input(node, 3) || graph_.is_constant(node.inputs[1])) continue;
      const auto axes = constant_integers(graph_, node.inputs[3]);
      const auto steps = has_input(node, 4) ? constant_integers(graph_, node.inputs[4])
                                            : std::vector<std::int64_t>{1};
      const bool is_table = cut_out(graph_, {}, node.inputs[0], k_most_between).has_value();
      if (is_table && axes == std::vector<std::int64_t>{0} && steps == std::vector<std::int64_t>{1})
        return id;
    }
    return k_no_node;
  }

  // What a value would be if `from` were `to`.
  ValueId copied(ValueId value, std::map<ValueId, ValueId>& copies) {
    if (value == k_no_value) return value;
    const auto held = copies.find(value);
    if (held != copies.end()) return held->second;
    const NodeId id = graph_.producer(value);
    if (id == k_no_node) return value;
    Node node = graph_.node(id);
    bool changed = false;
    for (ValueId& input : node.inputs) {
      const ValueId other = copied(input, copies);
      changed = changed || other != input;
      input = other;
    }
    for (const ValueId output : node.outputs) copies[output] = output;
    if (!changed) return value;
    for (ValueId& output : node.outputs) {
      if (output == k_no_value) continue;
      const Value& old = graph_.value(output);
      output = copies[output] = graph_.add_value(old.name + ".whole", old.dtype);
    }
    graph_.add_node(std::move(node));
    return copies.at(value);
  }

  ValueId whole(const Node& lookup, const Node& product, NodeId slice) {
    const ValueId start = graph_.node(slice).inputs[1];
    std::map<ValueId, ValueId> copies = {
        {graph_.node(slice).outputs[0], graph_.node(slice).inputs[0]}};
    const std::string name = graph_.value(lookup.outputs[0]).name;
    OperatorBuilder builder(graph_, name, find_type(graph_, lookup.inputs[0]));
    const ValueId left = product.inputs[0];
    const ValueId products = builder.op("MatMul", {left, copied(product.inputs[1], copies)});
    return builder.op("GatherElements", {products, counted(lookup.inputs[1], start, name)},
                      lookup.attributes);
  }

  // Entries from the table's start, repeated for texts and heads only afterwards.
  ValueId counted(ValueId entries, ValueId start, const std::string& name) {
    const Node* spread = find_producer(graph_, entries);
    if (spread != nullptr && !spread->is("Expand")) spread = nullptr;
    OperatorBuilder builder(graph_, name, find_type(graph_, entries));
    const ValueId sum = builder.op("Add", {spread == nullptr ? entries : spread->inputs[0], start});
    return spread == nullptr ? sum : builder.op("Expand", {sum, spread->inputs[1]});
  }

  // Whether both values are the same on numbers in the place of `heads`.
  bool agrees(ValueId value, ValueId other, ValueId heads) const {
    for (const ShapeWalk* walk : {&shapes_.walk(), &shapes_.other_walk()}) {
      const auto& dims = walk->dims(heads);
      const auto count = dims ? element_count(*dims) : std::nullopt;
      if (!count) return false;
      std::vector<double> numbers(static_cast<std::size_t>(*count));
      for (std::size_t i = 0; i < numbers.size(); ++i)
        numbers[i] = std::sin(static_cast<double>(i * i) + 0.5);
      std::vector<ValueId> inputs = {heads};
      std::vector<Tensor> tensors = {make_tensor<double>(*dims, std::move(numbers))};
      for (const ValueId input : graph_.inputs()) {
        const Dims size = *walk->dims(input);
        inputs.push_back(input);
        tensors.push_back(make_tensor<std::int64_t>(
            size, std::vector<std::int64_t>(static_cast<std::size_t>(*element_count(size)), 1)));
      }
      const auto before = cut_out(graph_, inputs, value, k_most_nodes, walk);
      const auto after = cut_out(graph_, inputs, other, k_most_nodes, walk);
      const auto expected = before ? try_out(*before, tensors) : std::nullopt;
      const auto found = after ? try_out(*after, tensors) : std::nullopt;
      if (!expected || !found || expected->dims != found->dims || !is_near(*expected, *found))
        return false;
    }
    return true;
  }

  Graph& graph_;
  const ProbeShapes shapes_;
};

bool has_lookups(const Graph& graph) {
  return std::any_of(graph.order().begin(), graph.order().end(),
                     [&](NodeId id) { return graph.node(id).is("GatherElements"); });
}

}  // namespace

PassOutcome widen_sliced_tables(Graph& graph) {
  PassOutcome outcome;
  if (!has_lookups(graph)) return outcome;
  Widening widening(graph);
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) outcome.rewrites += widening.widen(id) ? 1 : 0;
  graph.sort();
  graph.remove_dead();
  return outcome;
}

}  // namespace hasten::graph
