// One operator of the interpreter at work: its node, its inputs, and the outputs that it makes.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "graph/array.h"
#include "graph/graph.h"

namespace hasten::graph {

template <typename Real>
struct OperatorCall {
  const Graph& graph;
  const Node& node;
  std::int64_t opset;  // of the node's domain
  std::vector<std::optional<Array<Real>>> inputs;
  std::vector<Array<Real>> outputs;
  // Runs a body of the node (If, Loop) on inputs in the body's order.
  std::function<std::vector<Array<Real>>(const Graph&, std::vector<Array<Real>>)> run_body;

  // Whether a Cast to float16 rounds its elements, and not only those who read them.
  bool half_casts_round = true;

  bool has(std::size_t index) const { return index < inputs.size() && inputs[index].has_value(); }

  const Array<Real>& input(std::size_t index) const {
    if (!has(index)) malformed("input " + std::to_string(index) + " is missing");
    return *inputs[index];
  }
  // The elements of a floating-point input; throws k_malformed when it is of another type.
  std::span<const Real> reals(std::size_t index) const {
    if (!input(index).floating()) malformed(wrong_type(index, "a floating-point type"));
    return input(index).reals;
  }
  std::span<const std::int64_t> integers(std::size_t index) const {
    if (input(index).floating()) malformed(wrong_type(index, "an integer type"));
    return input(index).integers;
  }
  // The only element of an input.
  std::int64_t integer_scalar(std::size_t index) const {
    if (integers(index).size() != 1) malformed(one_element(index));
    return integers(index)[0];
  }
  Real real_scalar(std::size_t index) const {
    if (reals(index).size() != 1) malformed(one_element(index));
    return reals(index)[0];
  }
  // An attribute in old opsets, an input in newer ones; nothing when both are left out.
  std::optional<std::vector<std::int64_t>> integers_of(std::string_view attribute,
                                                       std::size_t index) const {
    if (node.attributes.contains(std::string(attribute))) return node.integers(attribute, {});
    if (!has(index)) return std::nullopt;
    const auto values = integers(index);
    return std::vector<std::int64_t>(values.begin(), values.end());
  }

  // A dimension counted from the end when negative; `rank` itself is valid where `end` says so.
  std::size_t axis(std::int64_t value, std::int64_t rank, bool end = false) const {
    const std::int64_t axis = value < 0 ? value + rank : value;
    if (axis < 0 || axis >= rank + (end ? 1 : 0)) {
      malformed("axis " + std::to_string(value) + " is outside rank " + std::to_string(rank));
    }
    return static_cast<std::size_t>(axis);
  }
  std::vector<std::size_t> axes(std::span<const std::int64_t> values, std::int64_t rank) const {
    std::vector<std::size_t> result;
    for (const std::int64_t value : values) result.push_back(axis(value, rank));
    return result;
  }

  // The same where an axis that is named twice would be worked on twice.
  std::vector<std::size_t> distinct_axes(std::span<const std::int64_t> values,
                                         std::int64_t rank) const {
    std::vector<std::size_t> result = axes(values, rank);
    std::vector<bool> seen(static_cast<std::size_t>(rank));
    for (const std::size_t each : result) {
      if (seen[each]) malformed("axis " + std::to_string(each) + " is named twice");
      seen[each] = true;
    }
    return result;
  }

  void emit(Array<Real> output) { outputs.push_back(std::move(output)); }
  void emit_reals(DType dtype, Dims dims, std::vector<Real> values) {
    emit(make_reals<Real>(dtype, std::move(dims), std::move(values)));
  }
  void emit_integers(DType dtype, Dims dims, std::vector<std::int64_t> values) {
    emit(make_integers<Real>(dtype, std::move(dims), std::move(values)));
  }

  std::string where() const {
    std::string place = "node " + (node.name.empty() ? std::string("of ") : node.name + " of ") +
                        (node.domain.empty() ? "" : node.domain + '.') + node.op_type;
    if (!node.outputs.empty() && node.outputs[0] != k_no_value) {
      place += ", output " + graph.value(node.outputs[0]).name;
    }
    return place;
  }
  [[noreturn]] void malformed(std::string what) const {
    fail(ErrorCode::k_malformed, std::move(what), where());
  }
  [[noreturn]] void unsupported(std::string what) const {
    fail(ErrorCode::k_unsupported, std::move(what), where());
  }
  // Throws k_malformed, with the shapes of all inputs, unless `fits`.
  void check_shapes(bool fits) const {
    if (fits) return;
    std::string shapes;
    for (const auto& array : inputs) {
      shapes += (shapes.empty() ? "" : ", ") + (array ? to_string(array->dims) : "none");
    }
    malformed("the shapes of the inputs do not fit: " + shapes);
  }

 private:
  std::string wrong_type(std::size_t index, std::string_view expected) const {
    return "input " + std::to_string(index) + " is of type " +
           std::string(name_of(input(index).dtype)) + " where " + std::string(expected) +
           " is needed";
  }
  static std::string one_element(std::size_t index) {
    return "input " + std::to_string(index) + " should have one element";
  }
};

}  // namespace hasten::graph
