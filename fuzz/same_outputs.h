// What a small graph computes, before and after it is rewritten.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/pass_check.h"
#include "graph/interpreter.h"
#include "graph/shapes.h"

namespace hasten::fuzz {

using Tensors = std::map<std::string, Tensor>;

inline constexpr std::int64_t k_most_elements = 1 << 18;  // of all values that are computed
// What rounding may change of an output, by its size where that is above 1.
inline constexpr double k_most_difference = 1e-3;

// By the size of the first; not finite where either is not.
inline double difference(double a, double b) {
  return std::abs(a - b) / std::max(1.0, std::abs(a));
}

inline std::vector<double> to_numbers(const Tensor& tensor) {
  if (is_floating(tensor.dtype)) return to_float64(tensor);
  const std::vector<std::int64_t> integers = to_int64(tensor);
  return {integers.begin(), integers.end()};
}

// The number of elements of a shape, an unknown dimension counted as `unknown`.
inline std::int64_t count_elements(const graph::Shape& shape, std::int64_t unknown) {
  Dims dims;
  for (const graph::Dim& dim : shape) dims.push_back(dim.known() ? dim.size : unknown);
  return element_count(dims).value_or(k_most_elements);
}

inline bool has_small_inputs(const graph::Graph& graph) {
  constexpr std::int64_t k_sampled = 8;  // at most, for an unknown dimension
  return std::all_of(graph.inputs().begin(), graph.inputs().end(), [&](graph::ValueId id) {
    const auto& shape = graph.value(id).shape;
    return !shape || count_elements(*shape, k_sampled) < k_most_elements;
  });
}

// Whether the shapes of all values follow from those of the inputs and the constants, and are small, and
// no value is declared to be of a type that it is not of: passes believe the file.
inline bool has_small_values(graph::Graph graph, const Tensors& inputs) {
  for (const graph::ValueId id : graph.inputs()) {
    graph::Shape shape;
    for (const std::int64_t size : inputs.at(graph.value(id).name).dims)
      shape.push_back({size, {}});
    graph.value(id).shape = std::move(shape);
  }
  const graph::Graph declared = graph;
  graph::infer_shapes(graph);
  std::int64_t elements = 0;
  for (const graph::NodeId id : graph.order()) {
    for (const graph::ValueId output : graph.node(id).outputs) {
      if (output == graph::k_no_value) continue;
      const auto& type = declared.value(output).dtype;
      if (type && type != graph.value(output).dtype) return false;
      const auto& shape = graph.value(output).shape;
      elements += shape ? count_elements(*shape, k_most_elements) : k_most_elements;
      if (elements >= k_most_elements) return false;
    }
  }
  return true;
}

// The outputs of a small graph, and of later forms of it.
class SameOutputs {
 public:
  // Nothing is compared for a graph that is too large or that does not run.
  explicit SameOutputs(const graph::Graph& graph) {
    try {
      if (!has_small_inputs(graph)) return;
      inputs_ = api::sample_inputs(graph);
      if (!has_small_values(graph, inputs_)) return;
      single_ = graph::interpret(graph, inputs_, graph::Precision::k_float32);
      expected_ = graph::interpret(graph, inputs_);
    } catch (const Error&) {
      expected_.reset();
    }
  }

  // Ends the process when the graph does not run, or when its outputs are others. Numbers that
  // single precision alone changes are left out.
  void check(const graph::Graph& later) const {
    if (!expected_) return;
    const Tensors found = graph::interpret(later, inputs_);
    for (const auto& [name, tensor] : *expected_) check(tensor, single_.at(name), found.at(name));
  }

 private:
  static void check(const Tensor& expected, const Tensor& single, const Tensor& found) {
    if (found.dims != expected.dims) std::abort();
    const std::vector<double> a = to_numbers(expected);
    const std::vector<double> rounded = to_numbers(single);
    const std::vector<double> b = to_numbers(found);
    for (std::size_t k = 0; k < a.size(); ++k) {
      const bool is_stable = difference(a[k], rounded[k]) < k_most_difference / 10;
      if (is_stable && !(difference(a[k], b[k]) < k_most_difference)) std::abort();
    }
  }

  Tensors inputs_;
  Tensors single_;
  std::optional<Tensors> expected_;
};

}  // namespace hasten::fuzz
