//   c = Equal(size, size)
//   y = If(c) {then_branch=f, else_branch=g} ==>   y = f
//
// where the condition is made of shapes and comes out the same for every batch: exporters ask at run time
// what they could not tell while they traced.
#include <algorithm>
#include <map>
#include <memory>

#include "graph/passes/match.h"
#include "graph/passes/passes.h"
#include "graph/passes/probe_shapes.h"

namespace hasten::graph {
namespace {

// Small and large, equal sizes and different ones: a condition that asks how long texts are differs in some.
constexpr ProbeSize k_sizes[] = {k_probe_size, k_other_probe_size, {1, 1}, {5, 5000}};

class Conditions {
 public:
  explicit Conditions(const Graph& graph) {
    for (const ProbeSize size : k_sizes)
      walks_.push_back(std::make_unique<ShapeWalk>(graph, probe_size_of(graph, size)));
  }

  // Known for the usual sizes, and no other for those of the rest for which shapes could be worked out.
  std::optional<bool> find(ValueId condition) const {
    constexpr std::size_t k_needed = 2;
    std::optional<bool> found;
    for (std::size_t index = 0; index < walks_.size(); ++index) {
      const Tensor* value = walks_[index]->value(condition);
      if (value == nullptr && index >= k_needed) continue;
      if (value == nullptr || value->size() != 1 || is_floating(value->dtype)) return std::nullopt;
      const bool holds = to_int64(*value)[0] != 0;
      if (found && *found != holds) return std::nullopt;
      found = holds;
    }
    return found;
  }

 private:
  std::vector<std::unique_ptr<ShapeWalk>> walks_;
};

// The branch as a graph whose inputs are what the node reads after its condition; nullptr when it is none.
std::shared_ptr<const Graph> branch_of(const Node& node, bool condition) {
  const auto found = node.attributes.find(condition ? "then_branch" : "else_branch");
  if (found == node.attributes.end()) return nullptr;
  const auto* branch = std::get_if<std::shared_ptr<const Graph>>(&found->second);
  const bool fits = branch != nullptr && *branch != nullptr &&
                    (*branch)->inputs().size() + 1 == node.inputs.size() &&
                    (*branch)->outputs().size() == node.outputs.size();
  return fits ? *branch : nullptr;
}

// Puts the branch's nodes in the place of the node.
void inline_branch(Graph& graph, NodeId id, const Graph& branch) {
  const Node node = graph.node(id);
  std::map<ValueId, ValueId> copies;
  for (std::size_t index = 0; index < branch.inputs().size(); ++index) {
    copies[branch.inputs()[index]] = node.inputs[index + 1];
  }
  const auto copy = [&](ValueId value) {
    if (value == k_no_value) return value;
    const auto [entry, added] = copies.try_emplace(value);
    if (!added) return entry->second;
    const Value& from = branch.value(value);
    entry->second = from.constant ? graph.add_constant(from.name, *from.constant)
                                  : graph.add_value(from.name, from.dtype);
    return entry->second;
  };
  graph.remove_node(id);
  for (const NodeId inner : branch.order()) {
    Node copied = branch.node(inner);
    for (ValueId& input : copied.inputs) input = copy(input);
    for (ValueId& output : copied.outputs) output = copy(output);
    graph.add_node(std::move(copied));
  }
  for (std::size_t index = 0; index < node.outputs.size(); ++index) {
    graph.replace_uses(node.outputs[index], copy(branch.outputs()[index]));
  }
  graph.sort();
}

std::size_t inline_known(Graph& graph) {
  const std::vector<NodeId> order = graph.order();
  const bool branches =
      std::any_of(order.begin(), order.end(), [&](NodeId id) { return graph.node(id).is("If"); });
  if (!branches) return 0;
  std::size_t count = 0;
  const Conditions conditions(graph);
  for (const NodeId id : order) {
    if (!graph.node(id).is("If")) continue;
    const auto condition = conditions.find(graph.node(id).inputs[0]);
    const auto branch = condition ? branch_of(graph.node(id), *condition) : nullptr;
    if (branch == nullptr) continue;
    inline_branch(graph, id, *branch);
    ++count;
  }
  return count;
}

}  // namespace

// Shapes behind a branch are known once it is inlined: a later layer's condition may hang on an earlier one's.
PassOutcome inline_known_branches(Graph& graph) {
  PassOutcome outcome;
  while (const std::size_t count = inline_known(graph)) outcome.rewrites += count;
  if (outcome.rewrites > 0) remove_identities(graph);  // a branch that passes its operand on
  return outcome;
}

}  // namespace hasten::graph
