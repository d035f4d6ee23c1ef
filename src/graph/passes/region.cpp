#include "graph/passes/region.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <string>

#include "base/error.h"
#include "graph/passes/floating_constant.h"
#include "graph/passes/match.h"
#include "graph/passes/shape_walk.h"

namespace hasten::graph {
namespace {

constexpr std::string_view k_rowwise[] = {
    "Add", "Cast", "Clip",       "Div",        "Erf",  "Exp",     "Identity", "Max", "Min", "Mul",
    "Neg", "Pow",  "Reciprocal", "ReduceMean", "Relu", "Sigmoid", "Sqrt",     "Sub", "Tanh"};

bool is_rowwise(const Node& node) {
  return node.domain == k_onnx_domain &&
         std::find(std::begin(k_rowwise), std::end(k_rowwise), node.op_type) != std::end(k_rowwise);
}

// The interpreter gives doubles where a runtime has the type that the graph says, or float32.
Tensor to_runtime_type(const Tensor& tensor, std::optional<DType> dtype) {
  if (tensor.dtype != DType::k_float64) return tensor;
  const bool is_said = dtype && is_floating(*dtype);
  return make_floating(is_said ? *dtype : DType::k_float32, tensor.dims, to_float64(tensor));
}

// Copies the nodes that a value needs into a graph of their own.
class Cutter {
 public:
  Cutter(const Graph& from, std::size_t limit, const ShapeWalk* known)
      : from_(from), known_(known), left_(limit) {
    region_.opsets = from.opsets;
  }

  std::optional<Graph> cut(std::span<const ValueId> inputs, ValueId output) {
    for (std::size_t index = 0; index < inputs.size(); ++index) {
      const ValueId input = region_.add_input(std::to_string(index), DType::k_float32, {});
      region_.value(input).dtype = from_.value(inputs[index]).dtype;
      region_.value(input).shape.reset();
      copies_[inputs[index]] = input;
    }
    if (!copy(output)) return std::nullopt;
    const ValueId result = region_.add_value("result");
    region_.add_node({{}, "Identity", {}, {copies_.at(output)}, {result}, {}});
    region_.add_output(result);
    return std::move(region_);
  }

 private:
  // The recursion ends with the nodes that are left.
  bool copy(ValueId value) {
    if (value == k_no_value || copies_.contains(value)) return true;
    const Value& original = from_.value(value);
    if (original.constant) {
      copies_[value] = region_.add_constant(original.name, *original.constant);
      return true;
    }
    if (const Tensor* tensor = known_ == nullptr ? nullptr : known_->value(value)) {
      copies_[value] =
          region_.add_constant(original.name, to_runtime_type(*tensor, original.dtype));
      return true;
    }
    const NodeId producer = from_.producer(value);
    if (producer == k_no_node || left_ == 0) return false;
    --left_;
    Node node = from_.node(producer);
    for (ValueId& input : node.inputs) {
      if (!copy(input)) return false;
      if (input != k_no_value) input = copies_.at(input);
    }
    for (ValueId& output : node.outputs) {
      if (output == k_no_value) continue;
      const Value& copied = from_.value(output);
      output = copies_[output] = region_.add_value(copied.name, copied.dtype);
    }
    region_.add_node(std::move(node));
    return true;
  }

  const Graph& from_;
  const ShapeWalk* known_;
  std::size_t left_;
  Graph region_;
  std::map<ValueId, ValueId> copies_;
};

// The floating type that a region computes in, as its constants have it.
DType floating_type(const Graph& region) {
  for (std::size_t index = 0; index < region.value_count(); ++index) {
    const auto& constant = region.value(static_cast<ValueId>(index)).constant;
    if (constant && is_floating(constant->dtype)) return constant->dtype;
  }
  return DType::k_float32;
}

// Integers as the region's input has them.
Tensor to_declared(const Tensor& tensor, DType declared) {
  if (is_floating(tensor.dtype) || tensor.dtype == declared) return tensor;
  const std::vector<std::int64_t> values = to_int64(tensor);
  if (declared == DType::k_int32) {
    return make_tensor<std::int32_t>(tensor.dims, {values.begin(), values.end()});
  }
  if (is_floating(declared))
    return make_tensor<double>(tensor.dims, {values.begin(), values.end()});
  if (declared != DType::k_bool) return tensor;
  Tensor booleans = make_tensor<std::uint8_t>(tensor.dims, {values.begin(), values.end()});
  booleans.dtype = DType::k_bool;
  return booleans;
}

void add_once(std::vector<ValueId>& values, ValueId value) {
  if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

}  // namespace

std::optional<Graph> cut_out(const Graph& graph, std::span<const ValueId> inputs, ValueId output,
                             std::size_t limit, const ShapeWalk* known) {
  return Cutter(graph, limit, known).cut(inputs, output);
}

std::optional<Tensor> try_out(Graph region, const std::vector<Tensor>& inputs,
                              Precision precision) {
  assert(inputs.size() == region.inputs().size());
  const DType floating = floating_type(region);
  std::map<std::string, Tensor> named;
  for (std::size_t index = 0; index < inputs.size(); ++index) {
    Value& input = region.value(region.inputs()[index]);
    const DType given = inputs[index].dtype;
    if (!input.dtype) input.dtype = is_floating(given) ? floating : given;
    named.emplace(input.name, to_declared(inputs[index], *input.dtype));
  }
  try {
    return interpret(region, named, precision).at("result");
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::vector<ValueId> rowwise_ancestors(const Graph& graph, ValueId value, int depth) {
  std::vector<ValueId> found = {value};
  std::size_t begin = 0;
  for (int step = 0; step < depth; ++step) {
    const std::size_t end = found.size();
    for (; begin < end; ++begin) {
      const Node* node = find_producer(graph, found[begin]);
      if (node == nullptr || !is_rowwise(*node)) continue;
      for (const ValueId input : node->inputs) {
        if (input != k_no_value && !graph.is_constant(input)) add_once(found, input);
      }
    }
  }
  return found;
}

std::vector<ValueId> rowwise_descendants(const Graph& graph, ValueId value, int depth) {
  std::vector<ValueId> found;
  std::vector<ValueId> front = {value};
  for (int step = 0; step < depth; ++step) {
    std::vector<ValueId> next;
    for (const ValueId reached : front) {
      for (const NodeId id : graph.consumers(reached)) {
        const Node& node = graph.node(id);
        if (!is_rowwise(node)) continue;
        add_once(found, node.outputs[0]);
        add_once(next, node.outputs[0]);
      }
    }
    front = std::move(next);
  }
  return found;
}

}  // namespace hasten::graph
