#include "graph/interpreter.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "graph/execution.h"
#include "graph/verify.h"

namespace hasten::graph {
void check_input(const Value& expected, const Tensor& tensor) {
  const std::string where = "input " + expected.name;
  const bool same = expected.dtype == tensor.dtype;
  const bool floats = expected.dtype && is_floating(*expected.dtype) && is_floating(tensor.dtype);
  if (expected.dtype && !same && !floats) {
    fail(ErrorCode::k_usage,
         fmt::format("a {} tensor is given and {} is needed", name_of(tensor.dtype),
                     name_of(*expected.dtype)),
         where);
  }
  if (!expected.shape) return;
  bool fits = expected.shape->size() == tensor.dims.size();
  for (std::size_t axis = 0; fits && axis < tensor.dims.size(); ++axis) {
    const Dim& dim = (*expected.shape)[axis];
    fits = !dim.known() || dim.size == tensor.dims[axis];
  }
  if (!fits) {
    fail(ErrorCode::k_usage, fmt::format("shape {} does not fit the graph", to_string(tensor.dims)),
         where);
  }
}

namespace {

template <typename Real>
std::map<std::string, Tensor> interpret_as(const Graph& graph,
                                           const std::map<std::string, Tensor>& inputs,
                                           HalfRounding rounding) {
  std::vector<Array<Real>> arrays;
  for (const ValueId id : graph.inputs()) {
    const Value& expected = graph.value(id);
    const auto given = inputs.find(expected.name);
    if (given == inputs.end()) {
      fail(ErrorCode::k_usage, "an input is missing", "input " + expected.name);
    }
    check_input(expected, given->second);
    arrays.push_back(to_array<Real>(given->second));
    if (expected.dtype) arrays.back().dtype = *expected.dtype;
  }
  const std::vector<Array<Real>> outputs = Execution<Real>(graph, rounding).run(std::move(arrays));
  std::map<std::string, Tensor> result;
  for (std::size_t index = 0; index < outputs.size(); ++index) {
    result.emplace(graph.value(graph.outputs()[index]).name, to_tensor(outputs[index]));
  }
  return result;
}

}  // namespace

std::map<std::string, Tensor> interpret(const Graph& graph,
                                        const std::map<std::string, Tensor>& inputs,
                                        Precision precision) {
  verify(graph);
  for (const auto& [name, tensor] : inputs) {
    const ValueId id = graph.find_value(name);
    if (std::find(graph.inputs().begin(), graph.inputs().end(), id) == graph.inputs().end()) {
      fail(ErrorCode::k_usage, "the graph has no such input", "input " + name);
    }
  }
  switch (precision) {
    case Precision::k_float64:
      break;
    case Precision::k_float32:
      return interpret_as<float>(graph, inputs, HalfRounding::k_by_every_operator);
    case Precision::k_as_onnxruntime:
      return interpret_as<float>(graph, inputs, HalfRounding::k_as_onnxruntime);
  }
  return interpret_as<double>(graph, inputs, HalfRounding::k_never);
}

}  // namespace hasten::graph
