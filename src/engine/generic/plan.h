// Plan: a graph as the steps in which the engine runs it, with its constants computed and packed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/generic/dependence.h"
#include "engine/generic/step_table.h"
#include "graph/graph.h"

namespace hasten::engine::generic {

// Thrown while a plan is made: the graph computes in 16 bits, whose rounding the engine's kernels do not know.
struct ComputesInHalf {};

// One node, or a product with the nodes after it that are joined to it.
struct Step {
  std::vector<const graph::Node*> nodes;
  std::vector<graph::ValueId> outputs;  // of the last node; k_no_value where nobody reads one
  StepBody body = nullptr;              // null: the interpreter computes the nodes
  std::unique_ptr<Prepared> prepared;
  std::vector<graph::ValueId> releases;  // what is read here for the last time
  std::string name;                      // for profiles: "MatMul 768x3072"
};

// Immutable, shared by all streams.
class Plan {
 public:
  // Throws k_unsupported for operators that nobody here computes, what the interpreter throws for constants that do
  // not fit, and ComputesInHalf.
  Plan(const graph::Graph& graph, const cpu::KernelTable& kernels);

  const graph::Graph& graph() const { return graph_; }
  const cpu::KernelTable& kernels() const { return kernels_; }
  // Those that run once for each length of texts, and those that run for each text.
  const std::vector<Step>& length_steps() const { return length_steps_; }
  const std::vector<Step>& text_steps() const { return text_steps_; }
  // What the latter read of the former, and inputs that follow from the length.
  const std::vector<graph::ValueId>& length_values() const { return length_values_; }
  // Null for what is no constant.
  const Array* constant(graph::ValueId id) const {
    const auto& array = constants_[static_cast<std::size_t>(id)];
    return array ? &*array : nullptr;
  }
  std::int64_t opset_of(const graph::Node& node) const;

 private:
  void count_uses();
  void compute_constant(const graph::Node& node, Workbench& bench);
  Step make_step(const graph::Node& node) const;
  void collect_length_values();
  void set_releases(std::vector<Step>& steps, const std::vector<graph::ValueId>& kept) const;
  void drop_packed_constants();

  graph::Graph graph_;
  const cpu::KernelTable& kernels_;
  std::vector<Dependence> dependences_;
  std::vector<std::size_t> uses_;  // readers of each value among needed nodes, outputs counted
  std::vector<std::optional<Array>> constants_;
  std::vector<Step> length_steps_;
  std::vector<Step> text_steps_;
  std::vector<graph::ValueId> length_values_;
};

}  // namespace hasten::engine::generic
