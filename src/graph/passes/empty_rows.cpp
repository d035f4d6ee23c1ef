#include "graph/passes/empty_rows.h"

#include "graph/passes/cast_to_int32.h"
#include "graph/passes/match.h"
#include "graph/passes/operator_builder.h"
#include "graph/passes/prefix_masks.h"
#include "graph/passes/region.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_most_nodes = 60;

OperatorBuilder builder_after(Graph& graph, ValueId value, DType dtype) {
  return {graph, graph.value(value).name, dtype};
}

// The greatest along axes, which stay as 1; they are an input from opset 18 on.
ValueId greatest(Graph& graph, ValueId value, Integers axes, DType dtype) {
  constexpr std::int64_t k_first_opset_with_axes_as_input = 18;
  const auto opset = graph.opsets.find(std::string(k_onnx_domain));
  OperatorBuilder builder = builder_after(graph, value, dtype);
  std::map<std::string, Attribute> attributes = {{"keepdims", std::int64_t{1}}};
  std::vector<ValueId> inputs = {value};
  if (opset != graph.opsets.end() && opset->second >= k_first_opset_with_axes_as_input) {
    inputs.push_back(builder.integers(std::move(axes)));
  } else {
    attributes.emplace("axes", std::move(axes));
  }
  return builder.op("ReduceMax", std::move(inputs), std::move(attributes));
}

// Whether the last axis, which becomes 1, holds anything but zeros.
ValueId any_along_last_axis(Graph& graph, ValueId value) {
  const ValueId most = greatest(graph, cast_to_int32(graph, value), {-1}, DType::k_int32);
  return builder_after(graph, most, DType::k_bool).cast(most);
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
  if (rank != 4) return seen;
  return builder_after(graph, seen, DType::k_bool).reshape(seen, {0, -1, 1});
}

ValueId rows_above(Graph& graph, ValueId scores, double limit) {
  const DType dtype = graph.value(scores).dtype.value_or(DType::k_float32);
  OperatorBuilder builder = builder_after(graph, scores, dtype);
  const ValueId most = builder.reshape(greatest(graph, scores, {1, 3}, dtype), {0, -1, 1});
  return builder.as(DType::k_bool).op("Greater", {most, builder.number(limit)});
}

ValueId texts_that_see(Graph& graph, ValueId mask) {
  const ValueId whole = cast_to_int32(graph, mask);
  return any_along_last_axis(
      graph, builder_after(graph, whole, DType::k_int32).reshape(whole, {0, 1, -1}));
}

ValueId zeroed_unless(Graph& graph, ValueId seen, ValueId value, DType dtype) {
  OperatorBuilder builder = builder_after(graph, value, dtype);
  return builder.op("Where", {seen, value, builder.number(0)});
}

Node zeroed_unless(Graph& graph, ValueId seen, Node node, DType dtype) {
  OperatorBuilder builder(graph, node.name, dtype);
  const ValueId value =
      builder.op(node.op_type, std::move(node.inputs), std::move(node.attributes), node.domain);
  return {node.name, "Where", {}, {seen, value, builder.number(0)}, {}, {}};
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
