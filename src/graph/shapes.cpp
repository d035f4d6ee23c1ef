#include "graph/shapes.h"

#include <algorithm>

#include "graph/shape_call.h"

namespace hasten::graph {
namespace {

constexpr std::int64_t k_max_elements = 64;  // of integer tensors whose elements are followed

const ShapeRules& all_rules() {
  static const ShapeRules rules = [] {
    ShapeRules all;
    add_elementwise_rules(all);
    add_layout_rules(all);
    add_choice_rules(all);
    add_matrix_rules(all);
    add_model_rules(all);
    return all;
  }();
  return rules;
}

ValueFacts facts_of(const Value& value) {
  ValueFacts facts{value.dtype, value.shape, {}};
  if (!value.constant) return facts;
  const Tensor& tensor = *value.constant;
  if (is_floating(tensor.dtype) || tensor.dims.size() > 1 || tensor.size() > k_max_elements)
    return facts;
  facts.elements.emplace();
  for (const std::int64_t element : to_int64(tensor))
    facts.elements->push_back(Element::of(element));
  return facts;
}

class Inference {
 public:
  explicit Inference(Graph& graph) : graph_(graph) {
    for (std::size_t index = 0; index < graph.value_count(); ++index) {
      facts_.push_back(facts_of(graph.value(static_cast<ValueId>(index))));
    }
  }

  void run() {
    for (const NodeId id : graph_.order()) infer(graph_.node(id));
  }

 private:
  void infer(const Node& node) {
    const auto rule = all_rules().find({node.op_type, node.domain});
    if (rule == all_rules().end()) return;
    const auto opset = graph_.opsets.find(node.domain);
    ShapeCall call{graph_, node, opset == graph_.opsets.end() ? 1 : opset->second, {}, {}};
    for (const ValueId input : node.inputs) {
      call.inputs.push_back(input == k_no_value ? ValueFacts{}
                                                : facts_[static_cast<std::size_t>(input)]);
    }
    call.outputs.resize(node.outputs.size());
    rule->second(call);
    for (std::size_t index = 0; index < node.outputs.size(); ++index) {
      if (node.outputs[index] != k_no_value)
        store(node.outputs[index], std::move(call.outputs[index]));
    }
  }

  void store(ValueId id, ValueFacts derived) {
    Value& value = graph_.value(id);
    if (derived.dtype) value.dtype = derived.dtype;
    if (derived.shape) value.shape = merged(std::move(*derived.shape), value.shape);
    ValueFacts& facts = facts_[static_cast<std::size_t>(id)];
    facts.dtype = value.dtype;
    facts.shape = value.shape;
    if (derived.elements && static_cast<std::int64_t>(derived.elements->size()) <= k_max_elements) {
      facts.elements = std::move(derived.elements);
    }
  }

  // What is derived counts; what it leaves open is taken from what was declared.
  static Shape merged(Shape derived, const std::optional<Shape>& declared) {
    if (!declared || declared->size() != derived.size()) return derived;
    for (std::size_t axis = 0; axis < derived.size(); ++axis) {
      if (!derived[axis].known() && (derived[axis].name.empty() || (*declared)[axis].known())) {
        derived[axis] = (*declared)[axis];
      }
    }
    return derived;
  }

  Graph& graph_;
  std::vector<ValueFacts> facts_;
};

}  // namespace

Dim broadcast_dim(const ShapeCall& call, const Dim& a, const Dim& b) {
  if (a == b) return a;
  if (a.size == 1) return b;
  if (b.size == 1) return a;
  if (a.known() && b.known()) call.malformed("the shapes of the inputs do not broadcast");
  if (a.known()) return a;  // the other can only be 1 or the same
  if (b.known()) return b;
  return {};
}

std::optional<Shape> broadcast_shapes(const ShapeCall& call, const std::optional<Shape>& a,
                                      const std::optional<Shape>& b) {
  if (!a || !b) return std::nullopt;
  Shape result = a->size() >= b->size() ? *a : *b;
  const Shape& other = a->size() >= b->size() ? *b : *a;
  const std::size_t shift = result.size() - other.size();
  for (std::size_t axis = 0; axis < other.size(); ++axis) {
    result[axis + shift] = broadcast_dim(call, result[axis + shift], other[axis]);
  }
  return result;
}

bool has_shape_rule(std::string_view op_type, std::string_view domain) {
  return all_rules().contains({std::string(op_type), std::string(domain)});
}

void infer_shapes(Graph& graph) {
  Inference(graph).run();
}

}  // namespace hasten::graph
