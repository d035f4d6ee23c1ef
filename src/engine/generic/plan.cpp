#include "engine/generic/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/mapped_file.h"
#include "engine/generic/join_products.h"
#include "engine/generic/step_runner.h"
#include "graph/operator_table.h"

namespace hasten::engine::generic {
namespace {

using graph::Node;
using graph::NodeId;
using graph::ValueId;

std::size_t place(ValueId id) {
  return static_cast<std::size_t>(id);
}

void require_body(const graph::Graph& graph, const Node& node) {
  if (graph::operator_table<float>().contains({node.op_type, node.domain})) return;
  const graph::OperatorCall<float> call{graph, node, 1, {}, {}, {}};
  call.unsupported("the reference interpreter lacks this operator");
}

}  // namespace

Plan::Plan(const graph::Graph& graph, const cpu::KernelTable& kernels)
    : graph_(graph),
      kernels_(kernels),
      dependences_(dependences_of(graph_)),
      constants_(graph_.value_count()) {
  count_uses();
  for (std::size_t index = 0; index < graph_.value_count(); ++index) {
    const graph::Value& value = graph_.value(static_cast<ValueId>(index));
    if (value.constant && uses_[index] > 0)
      constants_[index] = graph::to_array<float>(*value.constant);
  }
  Workbench bench(kernels);
  std::set<const Node*> joined;
  for (const NodeId id : graph_.order()) {
    const Node& node = graph_.node(id);
    const bool needed = std::any_of(node.outputs.begin(), node.outputs.end(), [&](ValueId output) {
      return output != graph::k_no_value && uses_[place(output)] > 0;
    });
    if (!needed || joined.contains(&node)) continue;
    require_body(graph_, node);
    const ValueId any_output = *std::find_if(node.outputs.begin(), node.outputs.end(),
                                             [](ValueId v) { return v != graph::k_no_value; });
    const Dependence dependence = dependences_[place(any_output)];
    if (dependence == Dependence::k_constant) {
      compute_constant(node, bench);
      continue;
    }
    Step step = make_step(node);
    joined.insert(step.nodes.begin(), step.nodes.end());
    (dependence == Dependence::k_length ? length_steps_ : text_steps_).push_back(std::move(step));
  }
  collect_length_values();
  set_releases(length_steps_, length_values_);
  set_releases(text_steps_, graph_.outputs());
  drop_packed_constants();
}

std::int64_t Plan::opset_of(const Node& node) const {
  const auto found = graph_.opsets.find(node.domain);
  return found == graph_.opsets.end() ? 1 : found->second;
}

void Plan::count_uses() {
  uses_.assign(graph_.value_count(), 0);
  for (const ValueId output : graph_.outputs()) uses_[place(output)] += 2;
  const auto& order = graph_.order();
  for (auto id = order.rbegin(); id != order.rend(); ++id) {
    const Node& node = graph_.node(*id);
    const bool needed = std::any_of(node.outputs.begin(), node.outputs.end(), [&](ValueId output) {
      return output != graph::k_no_value && uses_[place(output)] > 0;
    });
    if (!needed) continue;
    for (const ValueId input : node.inputs) {
      if (input != graph::k_no_value) ++uses_[place(input)];
    }
  }
}

void Plan::compute_constant(const Node& node, Workbench& bench) {
  Step step;
  step.nodes = {&node};
  ArraySlots slots;
  slots.reset(graph_.value_count(), 1);
  for (const ValueId output : node.outputs) {
    const bool read = output != graph::k_no_value && uses_[place(output)] > 0;
    step.outputs.push_back(read ? output : graph::k_no_value);
  }
  while (step.outputs.back() == graph::k_no_value) step.outputs.pop_back();
  run_step(*this, step, bench, slots, true);
  for (const ValueId output : step.outputs) {
    if (output != graph::k_no_value) constants_[place(output)] = std::move(slots.at(output, 0));
  }
}

Step Plan::make_step(const Node& node) const {
  Step step;
  step.nodes = {&node};
  step.name = node.op_type;
  const auto kind = step_table().find({node.op_type, node.domain});
  const bool reads_first =
      node.outputs[0] != graph::k_no_value && uses_[place(node.outputs[0])] > 0;
  if (kind != step_table().end() && reads_first) {
    step.body = kind->second.body;
    ConstantInputs constants;
    for (const ValueId input : node.inputs)
      constants.push_back(input == graph::k_no_value ? nullptr : constant(input));
    if (kind->second.prepare != nullptr)
      step.prepared = kind->second.prepare(node, constants, kernels_);
  }
  if (auto* product = dynamic_cast<PreparedProduct*>(step.prepared.get())) {
    const GraphFacts facts{graph_, [&](ValueId id) { return constant(id); },
                           [&](ValueId id) { return uses_[place(id)] == 1; }};
    join_following(facts, step.nodes, *product);
    step.name += fmt::format(" {}x{}", product->right.depth, product->right.columns);
  }
  for (const ValueId output : step.nodes.back()->outputs) {
    const bool read = output != graph::k_no_value && uses_[place(output)] > 0;
    step.outputs.push_back(read ? output : graph::k_no_value);
  }
  while (step.outputs.back() == graph::k_no_value) step.outputs.pop_back();
  return step;
}

void Plan::collect_length_values() {
  std::set<ValueId> read;
  const auto add = [&](ValueId id) {
    if (id != graph::k_no_value && dependences_[place(id)] == Dependence::k_length) read.insert(id);
  };
  for (const Step& step : text_steps_) {
    for (const Node* node : step.nodes)
      std::for_each(node->inputs.begin(), node->inputs.end(), add);
  }
  std::for_each(graph_.outputs().begin(), graph_.outputs().end(), add);
  length_values_.assign(read.begin(), read.end());
}

// A step releases what no later one reads.
void Plan::set_releases(std::vector<Step>& steps, const std::vector<ValueId>& kept) const {
  std::set<ValueId> read(kept.begin(), kept.end());
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    for (const Node* node : step->nodes) {
      for (const ValueId input : node->inputs) {
        if (input == graph::k_no_value || constants_[place(input)]) continue;
        if (read.insert(input).second) step->releases.push_back(input);
      }
    }
  }
}

// Constants that only prepared products read are not needed beside their panels.
void Plan::drop_packed_constants() {
  std::set<ValueId> read(graph_.outputs().begin(), graph_.outputs().end());
  for (const auto* steps : {&length_steps_, &text_steps_}) {
    for (const Step& step : *steps) {
      const bool packed = dynamic_cast<const PreparedProduct*>(step.prepared.get()) != nullptr;
      for (const Node* node : step.nodes) {
        for (std::size_t index = 0; index < node->inputs.size(); ++index) {
          const bool is_weight = packed && node == step.nodes.front() && index == 1;
          if (!is_weight) read.insert(node->inputs[index]);
        }
      }
    }
  }
  for (std::size_t index = 0; index < constants_.size(); ++index) {
    if (read.contains(static_cast<ValueId>(index)) || !constants_[index]) continue;
    constants_[index].reset();
    const auto& tensor = graph_.value(static_cast<ValueId>(index)).constant;
    if (tensor) release_pages(tensor->bytes, tensor->owner);
  }
}

}  // namespace hasten::engine::generic
