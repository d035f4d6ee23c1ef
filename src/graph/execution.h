// One run of the interpreter over a graph.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"
#include "graph/half_storage.h"
#include "graph/operator_table.h"

namespace hasten::graph {

// When tensors of float16 and bfloat16 are rounded to their 16 bits; bfloat16 ones, which ONNX
// Runtime's CPU provider does not compute, not as it does.
enum class HalfRounding { k_never, k_by_every_operator, k_as_onnxruntime };

// Runs one graph once. A value is dropped after its last reader, a constant is converted when it is
// first read: never more than what is in use lies in memory.
template <typename Real>
class Execution {
 public:
  Execution(const Graph& graph, HalfRounding rounding)
      : graph_(graph),
        rounding_(rounding),
        half_storage_(graph),
        arrays_(graph.value_count()),
        uses_(graph.value_count(), 0) {
    mark_needed();
  }

  std::vector<Array<Real>> run(std::vector<Array<Real>> inputs) {
    for (std::size_t index = 0; index < inputs.size(); ++index) {
      arrays_[place_of(graph_.inputs()[index])] = std::move(inputs[index]);
    }
    for (std::size_t place = 0; place < graph_.order().size(); ++place) {
      if (needed_[place]) run_node(graph_.node(graph_.order()[place]));
    }
    std::vector<Array<Real>> outputs;
    for (const ValueId output : graph_.outputs()) {
      outputs.push_back(read(output));
      if (rounding_ != HalfRounding::k_never) round_halves(outputs.back());
    }
    return outputs;
  }

 private:
  static std::size_t place_of(ValueId id) { return static_cast<std::size_t>(id); }

  // Nodes that no output depends on are left out, so that they need not be supported.
  void mark_needed() {
    needed_.assign(graph_.order().size(), false);
    for (const ValueId output : graph_.outputs()) ++uses_[place_of(output)];
    for (std::size_t place = graph_.order().size(); place-- > 0;) {
      const Node& node = graph_.node(graph_.order()[place]);
      needed_[place] = std::any_of(node.outputs.begin(), node.outputs.end(), [&](ValueId output) {
        return output != k_no_value && uses_[place_of(output)] > 0;
      });
      if (!needed_[place]) continue;
      for (const ValueId input : node.inputs) {
        if (input != k_no_value) ++uses_[place_of(input)];
      }
    }
  }

  // The value for one of its readers; the last one takes it away.
  Array<Real> read(ValueId id) {
    std::optional<Array<Real>>& array = arrays_[place_of(id)];
    if (!array && graph_.is_constant(id)) array = to_array<Real>(*graph_.value(id).constant);
    if (!array) {
      fail(ErrorCode::k_malformed, "a value is read that was not computed", graph_.value(id).name);
    }
    if (--uses_[place_of(id)] > 0) return *array;
    return *std::exchange(array, std::nullopt);
  }

  void run_node(const Node& node) {
    const auto opset = graph_.opsets.find(node.domain);
    OperatorCall<Real> call{graph_, node, opset == graph_.opsets.end() ? 1 : opset->second,
                            {},     {},   {}};
    const auto& table = operator_table<Real>();
    const auto body = table.find({node.op_type, node.domain});
    if (body == table.end()) call.unsupported("the reference interpreter lacks this operator");
    for (const ValueId input : node.inputs) {
      call.inputs.push_back(input == k_no_value ? std::nullopt : std::optional(read(input)));
    }
    call.run_body = [rounding = rounding_](const Graph& graph, std::vector<Array<Real>> inputs) {
      return Execution(graph, rounding).run(std::move(inputs));
    };
    call.half_casts_round = rounding_ != HalfRounding::k_as_onnxruntime;
    const bool holds_half = rounds(call);
    if (holds_half && rounding_ == HalfRounding::k_as_onnxruntime) {
      for (auto& input : call.inputs) {
        if (input) round_halves(*input);
      }
    }
    body->second(call);
    store_outputs(call, holds_half);
  }

  // Whether the node's operands and results are held in 16 bits, where they are of such a type.
  bool rounds(const OperatorCall<Real>& call) {
    if (rounding_ != HalfRounding::k_as_onnxruntime)
      return rounding_ == HalfRounding::k_by_every_operator;
    std::vector<bool> is_half;
    for (const auto& input : call.inputs) {
      is_half.push_back(input && input->dtype == DType::k_float16);
    }
    return half_storage_.holds_half(call.node, is_half);
  }

  void store_outputs(OperatorCall<Real>& call, bool holds_half) {
    const std::vector<ValueId>& outputs = call.node.outputs;
    for (std::size_t index = 0; index < outputs.size(); ++index) {
      if (outputs[index] == k_no_value || uses_[place_of(outputs[index])] == 0) continue;
      if (index >= call.outputs.size()) {
        call.unsupported(fmt::format("output {} of this operator is not computed here", index));
      }
      if (holds_half) round_halves(call.outputs[index]);
      arrays_[place_of(outputs[index])] = std::move(call.outputs[index]);
    }
  }

  static void round_halves(Array<Real>& array) {
    if (array.dtype != DType::k_float16 && array.dtype != DType::k_bfloat16) return;
    std::vector<Real> rounded;
    for (const Real value : array.reals) rounded.push_back(round_to(value, array.dtype));
    array = make_reals<Real>(array.dtype, array.dims, std::move(rounded));
  }

  const Graph& graph_;
  const HalfRounding rounding_;
  HalfStorage half_storage_;
  std::vector<std::optional<Array<Real>>> arrays_;
  std::vector<std::int64_t> uses_;  // readers that are still to come, outputs counted as one
  std::vector<bool> needed_;        // by place in the order
};

}  // namespace hasten::graph
