// One node at work in shape inference.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "graph/graph.h"

namespace hasten::graph {

// An element of a small integer tensor that describes a shape: a number, or unknown and then never
// negative where it has the name of a dimension.
struct Element {
  std::optional<std::int64_t> value;
  std::string name;

  static Element of(std::int64_t value) { return {value, {}}; }
  static Element of(const Dim& dim) { return dim.known() ? of(dim.size) : Element{{}, dim.name}; }
  bool is(std::int64_t number) const { return value == number; }
  // As a dimension; negative numbers leave it unknown.
  Dim dim() const {
    if (!value) return {-1, name};
    return {*value < 0 ? -1 : *value, {}};
  }
};

using Elements = std::optional<std::vector<Element>>;

// What is known of a value: its type, its shape and, where it describes a shape, its elements.
struct ValueFacts {
  std::optional<DType> dtype;
  std::optional<Shape> shape;
  Elements elements;

  bool has_rank() const { return shape.has_value(); }
  std::size_t rank() const { return shape->size(); }
};

struct ShapeCall {
  const Graph& graph;
  const Node& node;
  std::int64_t opset;
  std::vector<ValueFacts> inputs;   // of a left-out input: nothing known
  std::vector<ValueFacts> outputs;  // one for each output of the node

  bool given(std::size_t index) const {
    return index < node.inputs.size() && node.inputs[index] != k_no_value;
  }
  const ValueFacts& input(std::size_t index) const {
    static const ValueFacts nothing;
    return index < inputs.size() ? inputs[index] : nothing;
  }
  const std::optional<Shape>& shape(std::size_t index) const { return input(index).shape; }
  const std::optional<DType>& dtype(std::size_t index) const { return input(index).dtype; }

  // The elements of an integer input when all are numbers.
  std::optional<std::vector<std::int64_t>> integers(std::size_t index) const {
    if (!input(index).elements) return std::nullopt;
    std::vector<std::int64_t> values;
    for (const Element& element : *input(index).elements) {
      if (!element.value) return std::nullopt;
      values.push_back(*element.value);
    }
    return values;
  }
  // An attribute in old opsets, an input in newer ones. `absent` is set when both are left out.
  std::optional<std::vector<std::int64_t>> integers_of(std::string_view attribute,
                                                       std::size_t index, bool& absent) const {
    absent = false;
    if (node.attributes.contains(std::string(attribute))) return node.integers(attribute, {});
    absent = !given(index);
    return absent ? std::nullopt : integers(index);
  }

  // A dimension counted from the end when negative.
  std::size_t axis(std::int64_t value, std::size_t rank, bool end = false) const {
    const auto signed_rank = static_cast<std::int64_t>(rank);
    const std::int64_t axis = value < 0 ? value + signed_rank : value;
    if (axis < 0 || axis >= signed_rank + (end ? 1 : 0)) malformed("an axis is outside the rank");
    return static_cast<std::size_t>(axis);
  }

  void set(std::size_t index, std::optional<DType> dtype, std::optional<Shape> shape,
           Elements elements = {}) {
    if (index < outputs.size()) outputs[index] = {dtype, std::move(shape), std::move(elements)};
  }

  [[noreturn]] void malformed(const std::string& what) const {
    fail(ErrorCode::k_malformed, what, "node " + node.name + " of " + node.op_type);
  }
};

// The dimension that two broadcast dimensions have in common.
Dim broadcast_dim(const ShapeCall& call, const Dim& a, const Dim& b);

// Nothing when one of the shapes is unknown.
std::optional<Shape> broadcast_shapes(const ShapeCall& call, const std::optional<Shape>& a,
                                      const std::optional<Shape>& b);

using ShapeRule = void (*)(ShapeCall&);
// Operator type and domain -> rule.
using ShapeRules = std::map<std::pair<std::string, std::string>, ShapeRule>;

// One function for each family, in the file of its name (infer_layout.cpp ...).
void add_elementwise_rules(ShapeRules& rules);
void add_layout_rules(ShapeRules& rules);
void add_choice_rules(ShapeRules& rules);
void add_matrix_rules(ShapeRules& rules);
void add_model_rules(ShapeRules& rules);

}  // namespace hasten::graph
