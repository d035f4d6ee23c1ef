// Passes tried on numbers: a graph's outputs before and after each.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/tensor.h"
#include "graph/graph.h"
#include "graph/passes/pass.h"

namespace hasten::api {

// Three rows of eight tokens for a graph's inputs: integers by the names that exporters give (ids,
// masks with padding on either side, a hole and nothing kept, types, positions), other numbers for
// floats.
std::map<std::string, Tensor> sample_inputs(const graph::Graph& graph);

// Compares the outputs of a graph for sample_inputs() in double precision with those of the same
// graph later.
class PassCheck {
 public:
  // Throws k_unsupported when the interpreter lacks an operator of the graph.
  explicit PassCheck(const graph::Graph& graph);

  // Remembers by how much the pass changed the outputs; throws k_internal, naming it, when that is
  // more than rounding.
  void check(const graph::Pass& pass, const graph::Graph& graph);

  // Of a pass that has been checked; 0 for one that rewrote nothing.
  double difference_of(const std::string& pass) const;

 private:
  std::map<std::string, Tensor> inputs_;
  std::vector<double> outputs_;
  double rounding_;  // that outputs may differ by
  std::map<std::string, double> differences_;
};

}  // namespace hasten::api
