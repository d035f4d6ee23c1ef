#include <hasten/run.h>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "api/model_source.h"
#include "api/nested_lists.h"
#include "base/error.h"
#include "graph/graph.h"
#include "graph/interpreter.h"

namespace hasten {
namespace {

using graph::Graph;
using graph::ValueId;

const std::set<std::string_view> k_quantized = {"DynamicQuantizeLinear",
                                                "DynamicQuantizeMatMul",
                                                "MatMulInteger",
                                                "MatMulIntegerToFloat",
                                                "QAttention",
                                                "QLinearMatMul",
                                                "QuantizeLinear"};

// As ONNX Runtime computes, so that what is rounded to integers or to 16 bits is what it rounds; in
// double where weights, inputs or outputs are of double or of bfloat16, which it does not compute.
graph::Precision precision_of(const Graph& graph) {
  for (const graph::NodeId id : graph.order()) {
    if (k_quantized.contains(graph.node(id).op_type)) return graph::Precision::k_as_onnxruntime;
  }
  const auto is_other = [&](const graph::Value& value) {
    const bool is_weight = value.constant && value.constant->size() > 1;
    return is_weight && (value.dtype == DType::k_float64 || value.dtype == DType::k_bfloat16);
  };
  for (std::size_t k = 0; k < graph.value_count(); ++k) {
    if (is_other(graph.value(static_cast<ValueId>(k)))) return graph::Precision::k_float64;
  }
  for (const auto* ids : {&graph.inputs(), &graph.outputs()}) {
    for (const ValueId id : *ids) {
      if (graph.value(id).dtype == DType::k_float64) return graph::Precision::k_float64;
    }
  }
  return graph::Precision::k_as_onnxruntime;
}

std::string names_of_inputs(const Graph& graph) {
  std::string names;
  for (const ValueId id : graph.inputs()) {
    names += (names.empty() ? "" : ", ") + graph.value(id).name;
  }
  return names;
}

void check_names(const Graph& graph, const Json::Object& fields, const std::string& where) {
  for (const auto& [name, lists] : fields) {
    const auto has_name = [&graph, &name = name](ValueId id) {
      return graph.value(id).name == name;
    };
    if (std::any_of(graph.inputs().begin(), graph.inputs().end(), has_name)) continue;
    fail(ErrorCode::k_usage, fmt::format("the model has no input named {}", name), where, {},
         fmt::format("Its inputs are: {}.", names_of_inputs(graph)));
  }
}

std::map<std::string, Tensor> read_inputs(const Graph& graph, const Json& json,
                                          const std::string& where) {
  if (!json.is_object()) {
    fail(ErrorCode::k_usage, "the inputs are no JSON object", where, {},
         R"(Give {"input_ids": [[101, 102]], "attention_mask": [[1, 1]]}.)");
  }
  check_names(graph, json.as_object("the inputs"), where);
  std::map<std::string, Tensor> inputs;
  for (const ValueId id : graph.inputs()) {
    const graph::Value& input = graph.value(id);
    if (!json.contains(input.name)) {
      fail(ErrorCode::k_usage, fmt::format("input {} is missing", input.name), where, {},
           fmt::format("Give all of: {}.", names_of_inputs(graph)));
    }
    inputs[input.name] = api::tensor_of(json[input.name], input, where);
  }
  return inputs;
}

}  // namespace

std::string run_graph(const std::filesystem::path& model, std::string_view inputs,
                      const std::string& where) {
  const Json json = Json::parse(inputs, where);
  const Graph graph = api::load_graph(model);
  const auto outputs = interpret(graph, read_inputs(graph, json, where), precision_of(graph));
  std::string out = "{";
  for (const ValueId id : graph.outputs()) {
    const graph::Value& output = graph.value(id);
    const Tensor& tensor = outputs.at(output.name);
    out += out.size() == 1 ? "" : ", ";
    append_json_string(out, output.name);
    out += ": ";
    api::append_lists(out, tensor, output.dtype.value_or(tensor.dtype));
  }
  return out + "}";
}

}  // namespace hasten
