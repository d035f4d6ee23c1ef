#include "api/output_form.h"

#include <fmt/format.h>

#include "base/error.h"
#include "graph/forms/approximate_gelu.h"
#include "graph/forms/attention_forms.h"
#include "graph/forms/half_form.h"
#include "graph/forms/int32_inputs.h"
#include "graph/forms/int8_form.h"
#include "graph/forms/skip_biases.h"
#include "graph/verify.h"

namespace hasten::api {
namespace {

using graph::Graph;
using graph::Node;

void check_heads_of(const Graph& graph, const Node& node, const OptimizeOptions& options) {
  const std::int64_t heads = node.integer("num_heads", 0);
  const auto require = [&](std::int64_t wanted, std::int64_t found, const char* what,
                           const char* flag) {
    if (wanted == 0 || wanted == found) return;
    fail(ErrorCode::k_usage,
         fmt::format("the model has {} {} and {} were named", found, what, wanted), options.input,
         {}, fmt::format("Leave out {}: Hasten reads it from the graph.", flag));
  };
  require(options.num_heads, heads, "attention heads", "--num_heads");
  if (!graph.is_constant(node.inputs[1])) return;
  const Dims& dims = graph.value(node.inputs[1]).constant->dims;
  if (dims.size() == 2)
    require(options.hidden_size, dims[1] / 3, "columns in its layers", "--hidden_size");
}

void to_half(Graph& graph, DType dtype, OptimizeReport& report) {
  graph::HalfReport half = graph::to_half(graph, dtype);
  report.half_nodes = half.nodes;
  report.clamped = half.clamped;
  report.kept_in_float32 = std::move(half.kept);
}

void to_int8(Graph& graph, const OptimizeOptions& options, OptimizeReport& report) {
  const graph::Int8Report int8 = graph::to_int8(graph, {options.int8_embeddings});
  report.int8_matrices = int8.matrices;
  report.int8_tables = int8.tables;
}

}  // namespace

void check_heads(const Graph& graph, const OptimizeOptions& options) {
  for (const graph::NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    if (node.is("Attention", graph::k_microsoft_domain)) check_heads_of(graph, node, options);
  }
}

void apply_forms(Graph& graph, const OptimizeOptions& options, OptimizeReport& report) {
  if (options.approximate_gelu) graph::approximate_gelu(graph);
  if (options.separate_skip_biases) graph::take_out_skip_biases(graph);
  if (options.drop_masks) graph::drop_attention_masks(graph);
  if (options.multi_head_attention) graph::use_multi_head_attention(graph);
  if (options.int32_inputs) graph::use_int32_inputs(graph);
  if (options.form == OutputForm::k_float16) to_half(graph, DType::k_float16, report);
  if (options.form == OutputForm::k_bfloat16) to_half(graph, DType::k_bfloat16, report);
  if (options.form == OutputForm::k_int8) to_int8(graph, options, report);
  graph::verify(graph);
}

}  // namespace hasten::api
