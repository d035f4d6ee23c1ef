// Passes tried on numbers: a graph's outputs before and after each.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/tensor.h"
#include "graph/graph.h"
#include "graph/passes/pass.h"

namespace hasten::api {

struct SampleSize {
  std::int64_t texts, length;
};
inline constexpr SampleSize k_short_texts = {3, 8};

// Rows of tokens for a graph's inputs: integers by what the names and the graph say that they are
// (ids, masks with padding on either side, a hole and, in the third row, nothing kept, types,
// positions), other numbers for floats. Sizes that the graph fixes stay.
std::map<std::string, Tensor> sample_inputs(const graph::Graph& graph,
                                            SampleSize size = k_short_texts);

// Compares the outputs of a graph in double precision with those of the same graph later: for short
// texts and, where something depends on how far apart tokens are (check_lengths.h), for one that is
// long enough.
class PassCheck {
 public:
  // Throws k_unsupported when the interpreter lacks an operator of the graph.
  explicit PassCheck(const graph::Graph& graph);

  // Tokens of the longest text tried.
  std::int64_t longest() const { return longest_; }

  // Remembers by how much the pass changed the outputs; throws k_internal, naming it, when that is
  // more than rounding.
  void check(const graph::Pass& pass, const graph::Graph& graph);

  // Of a pass that has been checked; 0 for one that rewrote nothing.
  double difference_of(const std::string& pass) const;

 private:
  struct Sample {
    std::map<std::string, Tensor> inputs;
    std::vector<double> outputs;
  };

  void add_sample(const graph::Graph& graph, SampleSize size);
  void add_longest_sample(const graph::Graph& graph);

  std::vector<Sample> samples_;
  std::int64_t longest_ = 0;
  double rounding_;  // that outputs may differ by
  std::map<std::string, double> differences_;
};

}  // namespace hasten::api
