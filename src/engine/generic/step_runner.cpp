#include "engine/generic/step_runner.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "graph/execution.h"

namespace hasten::engine::generic {
namespace {

using graph::Node;
using graph::ValueId;
using InterpreterCall = graph::OperatorCall<float>;

// These move 16-bit elements, or widen them, and round nothing.
bool rounds_nothing(const Node& node) {
  constexpr std::array k_moving = {"Gather",    "Reshape",  "Transpose", "Squeeze",
                                   "Unsqueeze", "Identity", "Slice",     "Concat",
                                   "Split",     "Expand",   "Constant"};
  return std::any_of(k_moving.begin(), k_moving.end(),
                     [&](std::string_view name) { return node.op_type == name; });
}

bool is_half(const Array& array) {
  return array.dtype == DType::k_float16 || array.dtype == DType::k_bfloat16;
}

InterpreterCall make_call(const Plan& plan, const Node& node) {
  InterpreterCall call{plan.graph(), node, plan.opset_of(node), {}, {}, {}};
  call.half_casts_round = false;
  call.run_body = [](const graph::Graph& body, std::vector<Array> inputs) {
    return graph::Execution<float>(body, graph::HalfRounding::k_as_onnxruntime)
        .run(std::move(inputs));
  };
  return call;
}

// The nodes of a step for one text by the interpreter's bodies; what passes between them is kept here.
void interpret_text(const Plan& plan, const Step& step, ArraySlots& slots, std::size_t text) {
  std::map<ValueId, Array> between;
  for (const Node* node : step.nodes) {
    InterpreterCall call = make_call(plan, *node);
    for (const ValueId input : node->inputs) {
      if (input == graph::k_no_value) {
        call.inputs.push_back(std::nullopt);
      } else if (const Array* constant = plan.constant(input)) {
        call.inputs.push_back(*constant);
      } else {
        const auto found = between.find(input);
        call.inputs.push_back(found != between.end() ? found->second : slots.at(input, text));
      }
    }
    graph::operator_table<float>().at({node->op_type, node->domain})(call);
    const bool is_last = node == step.nodes.back();
    const std::vector<ValueId>& outputs = is_last ? step.outputs : node->outputs;
    for (std::size_t index = 0; index < outputs.size(); ++index) {
      if (outputs[index] == graph::k_no_value) continue;
      if (index >= call.outputs.size()) {
        call.unsupported("output " + std::to_string(index) +
                         " of this operator is not computed here");
      }
      Array& target = is_last ? slots.at(outputs[index], text) : between[outputs[index]];
      target = std::move(call.outputs[index]);
    }
  }
}

bool run_body(const Plan& plan, const Step& step, Workbench& bench, ArraySlots& slots) {
  const Node& node = *step.nodes.front();
  const std::size_t texts = slots.texts();
  StepCall call(node, plan.opset_of(node), bench, texts);
  call.prepared = step.prepared.get();
  for (const ValueId input : node.inputs) {
    if (input == graph::k_no_value) {
      call.operands.push_back({});
    } else if (const Array* constant = plan.constant(input)) {
      call.operands.push_back({constant, 0});
    } else {
      call.operands.push_back({&slots.at(input, 0), 1});
    }
  }
  call.outputs.resize(step.outputs.size());
  for (std::size_t index = 0; index < step.outputs.size(); ++index) {
    if (step.outputs[index] != graph::k_no_value) call.outputs[index].resize(texts);
  }
  if (!step.body(call)) return false;
  for (std::size_t index = 0; index < step.outputs.size(); ++index) {
    for (std::size_t text = 0; text < call.outputs[index].size(); ++text)
      slots.at(step.outputs[index], text) = std::move(call.outputs[index][text]);
  }
  return true;
}

void refuse_half(const Step& step, ArraySlots& slots) {
  if (rounds_nothing(*step.nodes.back())) return;
  for (const ValueId output : step.outputs) {
    if (output != graph::k_no_value && is_half(slots.at(output, 0))) throw ComputesInHalf{};
  }
}

}  // namespace

bool run_step(const Plan& plan, const Step& step, Workbench& bench, ArraySlots& slots,
              bool refuses_half) {
  const bool own = step.body != nullptr && run_body(plan, step, bench, slots);
  if (!own) {
    for (std::size_t text = 0; text < slots.texts(); ++text)
      interpret_text(plan, step, slots, text);
  }
  if (refuses_half) refuse_half(step, slots);
  for (const ValueId done : step.releases) slots.release(done);
  return own;
}

}  // namespace hasten::engine::generic
