#include "graph/forms/half_form.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "base/half.h"
#include "base/onnx_dtype.h"
#include "graph/forms/floating_elements.h"
#include "graph/forms/value_bounds.h"
#include "graph/passes/match.h"
#include "graph/shapes.h"

namespace hasten::graph {
namespace {

constexpr double k_float16_max = 65504;
constexpr double k_bfloat16_max = 3.3895313892515355e38;

// Computed in 16 bits wherever they stand.
const std::set<std::string_view> k_anchors = {"MatMul",
                                              "Gemm",
                                              "LayerNormalization",
                                              "SkipLayerNormalization",
                                              "EmbedLayerNormalization",
                                              "Attention",
                                              "Gelu",
                                              "BiasGelu",
                                              "FastGelu",
                                              "MultiHeadAttention",
                                              "RotaryEmbedding"};
// Computed in the type of what they read.
const std::set<std::string_view> k_followers = {
    "Add",    "Concat",   "Div", "Dropout", "Erf",       "Expand",   "Flatten",
    "Gather", "Identity", "Mul", "Relu",    "Reshape",   "Sigmoid",  "Slice",
    "Split",  "Squeeze",  "Sub", "Tanh",    "Transpose", "Unsqueeze"};
// Without a bfloat16 form in com.microsoft.
const std::set<std::string_view> k_float16_only = {"BiasGelu", "EmbedLayerNormalization", "Gelu"};

class HalfConversion {
 public:
  HalfConversion(Graph& graph, DType dtype)
      : graph_(graph),
        dtype_(dtype),
        most_(dtype == DType::k_float16 ? k_float16_max : k_bfloat16_max),
        bounds_(graph) {}

  HalfReport run() {
    const std::vector<NodeId> order = graph_.order();
    for (const NodeId id : order) convert(id);
    graph_.reindex();
    graph_.sort();
    graph_.remove_dead();
    return std::move(report_);
  }

 private:
  bool is_float32(ValueId id) const {
    return id != k_no_value && graph_.value(id).dtype == DType::k_float32;
  }
  bool is_half(ValueId id) const { return id != k_no_value && graph_.value(id).dtype == dtype_; }

  void convert(NodeId id) {
    const bool could = could_be_half(id);
    const bool half = could && has_form(id) && fits(id);
    if (could && !half && has_form(id)) report_.kept.push_back(name_of_node(id));
    const std::vector<ValueId> inputs = graph_.node(id).inputs;
    std::vector<ValueId> converted;
    converted.reserve(inputs.size());
    for (const ValueId input : inputs)
      converted.push_back(half ? narrow(input) : wide(input, could));
    graph_.node(id).inputs = std::move(converted);
    if (!half) return;
    ++report_.nodes;
    for (ValueId& output : graph_.node(id).outputs) {
      if (is_float32(output)) output = narrow_output(output);
    }
  }

  bool could_be_half(NodeId id) const {
    const Node& node = graph_.node(id);
    const bool ours = node.domain == k_onnx_domain || node.domain == k_microsoft_domain;
    if (!ours || node.outputs.empty() || !is_float32(node.outputs[0])) return false;
    for (const ValueId input : node.inputs) {
      if (input != k_no_value && !graph_.value(input).dtype) return false;
    }
    if (k_anchors.contains(node.op_type)) return true;
    return k_followers.contains(node.op_type) && follows(node);
  }

  // Every activation that it reads is in 16 bits; a table that ids look up in stands for one.
  bool follows(const Node& node) const {
    bool any = node.is("Gather") && is_table(node.inputs[0]);
    for (const ValueId input : node.inputs) {
      if (input == k_no_value || graph_.is_constant(input)) continue;
      const bool narrowed = narrowed_.contains(input) || is_half(input);
      if (is_float32(input) && !narrowed) return false;
      any = any || narrowed;
    }
    return any;
  }

  bool is_table(ValueId id) const {
    return graph_.is_constant(id) && is_float32(id) && graph_.value(id).constant->dims.size() == 2;
  }

  // Whether the operator exists in the type.
  bool has_form(NodeId id) const {
    const Node& node = graph_.node(id);
    return dtype_ == DType::k_float16 || node.domain != k_microsoft_domain ||
           !k_float16_only.contains(node.op_type);
  }

  // What it reads in float32 would have to be cast, too.
  bool fits(NodeId id) const {
    if (dtype_ == DType::k_bfloat16) return true;
    for (const ValueId input : graph_.node(id).inputs) {
      const bool is_wide = input != k_no_value && is_float32(input) && !graph_.is_constant(input);
      if (is_wide && !narrowed_.contains(input) && !(bounds_.of(input).peak <= most_)) return false;
    }
    return bounds_.inside(id) <= most_;
  }

  std::string name_of_node(NodeId id) const {
    const Node& node = graph_.node(id);
    return (node.name.empty() ? graph_.value(node.outputs[0]).name : node.name) + " (" +
           node.op_type + ")";
  }

  // The value in 16 bits, for a node that computes so.
  ValueId narrow(ValueId id) {
    if (!is_float32(id)) return id;
    const auto known = narrowed_.find(id);
    if (known != narrowed_.end()) return known->second;
    const ValueId result = graph_.is_constant(id) ? narrow_constant(id) : add_cast(id, dtype_);
    narrowed_[id] = result;
    return result;
  }

  // The value in float32. Weights of a node that could have computed in 16 bits are stored so all the
  // same.
  ValueId wide(ValueId id, bool could_be_half) {
    if (id == k_no_value) return id;
    const bool is_weight =
        could_be_half && graph_.is_constant(id) && graph_.value(id).constant->size() > 1;
    if (is_float32(id) && !is_weight) return needs_cast(id) ? cast_back(id) : id;
    return is_float32(id) ? cast_back(id) : id;
  }

  // Whether the node that computed it gives 16 bits now.
  bool needs_cast(ValueId id) const { return !graph_.is_constant(id) && outputs_.contains(id); }

  ValueId cast_back(ValueId id) {
    const auto known = widened_.find(id);
    if (known != widened_.end()) return known->second;
    const ValueId result = add_cast(narrow(id), DType::k_float32);
    widened_[id] = result;
    return result;
  }

  ValueId add_cast(ValueId id, DType to) {
    const std::string name = graph_.value(id).name + "." + std::string(hasten::name_of(to));
    const ValueId result = graph_.add_op("Cast", {id}, {{"to", onnx_code_of(to)}}, name);
    graph_.value(result).dtype = to;
    graph_.value(result).shape = graph_.value(id).shape;
    return result;
  }

  // What takes the place of a node's output; an output of the graph is cast back under its name.
  ValueId narrow_output(ValueId output) {
    const Value& value = graph_.value(output);
    const std::string name = graph_.is_output(output)
                                 ? value.name + "." + std::string(hasten::name_of(dtype_))
                                 : value.name + ".half";
    const ValueId half = graph_.add_value(name, dtype_, value.shape);
    narrowed_[output] = half;
    outputs_.insert(output);
    if (!graph_.is_output(output)) return half;
    graph_.add_node({name, "Cast", {}, {half}, {output}, {{"to", onnx_code_of(DType::k_float32)}}});
    widened_[output] = output;
    return half;
  }

  ValueId narrow_constant(ValueId id) {
    const Tensor& tensor = *graph_.value(id).constant;
    auto bits =
        std::make_shared<std::vector<std::uint16_t>>(static_cast<std::size_t>(tensor.size()));
    for_each_float(tensor, [&](std::size_t k, float value) {
      if (std::isfinite(value) && std::abs(static_cast<double>(value)) > most_) {
        value = std::copysign(static_cast<float>(most_), value);
        ++report_.clamped;
      }
      (*bits)[k] = dtype_ == DType::k_float16 ? float_to_float16(value) : float_to_bfloat16(value);
    });
    const auto bytes = std::as_bytes(std::span<const std::uint16_t>(*bits));
    return graph_.add_constant(graph_.value(id).name + ".half",
                               make_view("weights", dtype_, tensor.dims, bytes, bits));
  }

  Graph& graph_;
  DType dtype_;
  double most_;
  ValueBounds bounds_;
  HalfReport report_;
  std::map<ValueId, ValueId> narrowed_;  // float32 -> the same in 16 bits
  std::map<ValueId, ValueId> widened_;   // float32 -> the same out of 16 bits
  std::set<ValueId> outputs_;            // that 16-bit ones stand for
};

}  // namespace

HalfReport to_half(Graph& graph, DType dtype) {
  constexpr std::int64_t k_first_opset_with_bfloat16 = 13;
  const auto opset = graph.opsets.find(std::string(k_onnx_domain));
  const bool is_old = opset != graph.opsets.end() && opset->second < k_first_opset_with_bfloat16;
  if (dtype == DType::k_bfloat16 && is_old) {
    fail(ErrorCode::k_unsupported,
         "operators of opset " + std::to_string(opset->second) + " have no bfloat16 form", {},
         "bfloat16 came with opset 13", "Use --float16, or export the model in a newer opset.");
  }
  infer_shapes(graph);
  return HalfConversion(graph, dtype).run();
}

}  // namespace hasten::graph
