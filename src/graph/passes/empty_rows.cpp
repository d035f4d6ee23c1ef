#include "graph/passes/empty_rows.h"

#include <array>

#include "base/onnx_dtype.h"
#include "graph/passes/cast_to_int32.h"
#include "graph/passes/floating_constant.h"
#include "graph/passes/match.h"
#include "graph/passes/prefix_masks.h"
#include "graph/passes/region.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_most_nodes = 60;

ValueId add(Graph& graph, std::string type, std::vector<ValueId> inputs, DType dtype,
            std::string_view suffix, std::map<std::string, Attribute> attributes = {}) {
  const std::string name = graph.value(inputs[0]).name + std::string(suffix);
  const ValueId result =
      graph.add_op(std::move(type), std::move(inputs), std::move(attributes), name);
  graph.value(result).dtype = dtype;
  return result;
}

// The greatest along axes, which stay as 1; they are an input from opset 18 on.
ValueId greatest(Graph& graph, ValueId value, std::vector<std::int64_t> axes, DType dtype) {
  constexpr std::int64_t k_first_opset_with_axes_as_input = 18;
  const auto opset = graph.opsets.find(std::string(k_onnx_domain));
  std::map<std::string, Attribute> attributes = {{"keepdims", std::int64_t{1}}};
  std::vector<ValueId> inputs = {value};
  if (opset != graph.opsets.end() && opset->second >= k_first_opset_with_axes_as_input) {
    const auto count = static_cast<std::int64_t>(axes.size());
    inputs.push_back(
        graph.add_constant("greatest.axes", make_tensor<std::int64_t>({count}, std::move(axes))));
  } else {
    attributes.emplace("axes", std::move(axes));
  }
  return add(graph, "ReduceMax", std::move(inputs), dtype, ".greatest", std::move(attributes));
}

// Whether the last axis, which becomes 1, holds anything but zeros.
ValueId any_along_last_axis(Graph& graph, ValueId value) {
  const ValueId most = greatest(graph, cast_to_int32(graph, value), {-1}, DType::k_int32);
  return add(graph, "Cast", {most}, DType::k_bool, ".seen", {{"to", onnx_code_of(DType::k_bool)}});
}

ValueId reshape(Graph& graph, ValueId value, std::vector<std::int64_t> dims, DType dtype) {
  const auto rank = static_cast<std::int64_t>(dims.size());
  const ValueId target =
      graph.add_constant("rows.shape", make_tensor<std::int64_t>({rank}, std::move(dims)));
  return add(graph, "Reshape", {value, target}, dtype, ".rows");
}

bool is_zero(const Graph& graph, ValueId value) {
  return constant_number(graph, value) == 0;
}

// Whether the value, [texts or 1, queries or 1, 1], is true for every token of the batch.
bool holds_for_tokens(const Tensor& seen) {
  const Dims& dims = seen.dims;
  const Dims batch = prefix_batch_dims();
  const auto fits = [&](std::size_t axis) { return dims[axis] == 1 || dims[axis] == batch[axis]; };
  if (is_floating(seen.dtype) || dims.size() != 3 || dims[2] != 1 || !fits(0) || !fits(1))
    return false;
  const std::vector<std::int64_t> values = to_int64(seen);
  const std::vector<std::int64_t> mask = prefix_mask();
  for (std::int64_t text = 0; text < batch[0]; ++text) {
    for (std::int64_t place = 0; place < batch[1]; ++place) {
      const std::int64_t row = (dims[0] == 1 ? 0 : text) * dims[1] + (dims[1] == 1 ? 0 : place);
      const bool is_token = mask[static_cast<std::size_t>(text * batch[1] + place)] != 0;
      if (is_token && values[static_cast<std::size_t>(row)] == 0) return false;
    }
  }
  return true;
}

bool always_sees(const Graph& graph, ValueId seen) {
  const auto region = cut_out(graph, graph.inputs(), seen, k_most_nodes);
  if (!region) return false;
  const std::vector<Tensor> masks(graph.inputs().size(),
                                  make_tensor<std::int64_t>(prefix_batch_dims(), prefix_mask()));
  const auto result = try_out(*region, masks);
  return result && holds_for_tokens(*result);
}

}  // namespace

ValueId rows_that_see(Graph& graph, ValueId kept, std::size_t rank) {
  const ValueId seen = any_along_last_axis(graph, kept);
  return rank == 4 ? reshape(graph, seen, {0, -1, 1}, DType::k_bool) : seen;
}

ValueId rows_above(Graph& graph, ValueId scores, double limit) {
  const DType dtype = graph.value(scores).dtype.value_or(DType::k_float32);
  const ValueId most = reshape(graph, greatest(graph, scores, {1, 3}, dtype), {0, -1, 1}, dtype);
  const ValueId bound = graph.add_constant("limit", make_floating(dtype, {}, std::array{limit}));
  return add(graph, "Greater", {most, bound}, DType::k_bool, ".seen");
}

ValueId texts_that_see(Graph& graph, ValueId mask) {
  const ValueId apart = reshape(graph, cast_to_int32(graph, mask), {0, 1, -1}, DType::k_int32);
  return any_along_last_axis(graph, apart);
}

ValueId zeroed_unless(Graph& graph, ValueId seen, ValueId value, DType dtype) {
  const ValueId zero = graph.add_constant("zero", make_floating(dtype, {}, std::array{0.0}));
  const std::string name = graph.value(value).name + ".zeroed";
  const ValueId result = graph.add_op("Where", {seen, value, zero}, {}, name);
  graph.value(result).dtype = dtype;
  return result;
}

Node zeroed_unless(Graph& graph, ValueId seen, Node node, DType dtype) {
  const ValueId zero = graph.add_constant("zero", make_floating(dtype, {}, std::array{0.0}));
  const ValueId value = graph.add_op(node.op_type, std::move(node.inputs),
                                     std::move(node.attributes), node.name + ".rows", node.domain);
  graph.value(value).dtype = dtype;
  return {node.name, "Where", {}, {seen, value, zero}, {}, {}};
}

std::size_t drop_zeroing_of_empty_rows(Graph& graph) {
  std::size_t count = 0;
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    const Node node = graph.node(id);
    if (!node.is("Where") || !is_zero(graph, node.inputs[2]) || !always_sees(graph, node.inputs[0]))
      continue;
    graph.remove_node(id);
    graph.replace_uses(node.outputs[0], node.inputs[1]);
    ++count;
  }
  graph.remove_dead();
  return count;
}

}  // namespace hasten::graph
