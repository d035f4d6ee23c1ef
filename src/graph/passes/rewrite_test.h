// What tests of passes share: a textual graph in, a textual graph out, and the same numbers.
#pragma once

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "graph/dump.h"
#include "graph/interpreter.h"
#include "graph/passes/passes.h"
#include "graph/verify.h"

namespace hasten::graph {

struct Rewritten {
  std::string text;
  PassOutcome outcome;
};

// Runs one pass over a graph in text form, as run_passes() does.
inline Rewritten rewrite(PassOutcome (*pass)(Graph& graph), std::string_view text) {
  Graph graph = parse_text(text);
  verify(graph);
  PassOutcome outcome = pass(graph);
  graph.sort();
  graph.remove_dead();
  verify(graph);
  return {dump(graph), std::move(outcome)};
}

// `expected` may leave out what the text form adds (opsets) and be indented.
inline std::string normalized(std::string_view text) {
  return dump(parse_text(text));
}

// The greatest difference of the outputs of two graphs for the same inputs; NaN is like NaN alone.
inline double difference(const Graph& left, const Graph& right,
                         const std::map<std::string, Tensor>& inputs) {
  const auto expected = interpret(left, inputs);
  const auto actual = interpret(right, inputs);
  double greatest = 0;
  for (const auto& [name, tensor] : expected) {
    const std::vector<double> a = to_float64(tensor);
    const std::vector<double> b = to_float64(actual.at(name));
    EXPECT_EQ(tensor.dims, actual.at(name).dims) << name;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
      if (std::isnan(a[i]) && std::isnan(b[i])) continue;
      if (std::isnan(a[i]) || std::isnan(b[i])) return std::numeric_limits<double>::infinity();
      greatest = std::max(greatest, std::abs(a[i] - b[i]));
    }
  }
  return greatest;
}

// Deterministic numbers in [-2, 2).
inline Tensor numbers(Dims dims) {
  std::vector<double> values(static_cast<std::size_t>(*element_count(dims)));
  std::uint32_t state = 12345;
  for (double& value : values) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<double>(state >> 8) / (1 << 22) - 2;
  }
  return make_tensor<double>(std::move(dims), std::move(values));
}

// The difference that a pass makes on such numbers for the inputs named.
inline double difference_after(PassOutcome (*pass)(Graph& graph), std::string_view text,
                               const std::map<std::string, Tensor>& inputs) {
  const Graph before = parse_text(text);
  Graph after = before;
  pass(after);
  after.sort();
  after.remove_dead();
  return difference(before, after, inputs);
}

}  // namespace hasten::graph
