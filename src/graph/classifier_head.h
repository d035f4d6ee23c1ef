// Which of a graph's outputs are a classifier's logits, and what the graph makes of them by itself.
#pragma once

#include <optional>

#include <hasten/options.h>

#include "graph/graph.h"

namespace hasten::graph {

struct ClassifierHead {
  ValueId logits = k_no_value;       // k_no_value: the graph has no outputs
  std::optional<Function> function;  // that the graph applies to them before it gives them out
};

// Exports often end in the function that makes probabilities (Softmax, Sigmoid, LogSoftmax), in a
// Squeeze of the only class, or give out hidden states, attentions, labels and probabilities beside the
// logits. Of several floating outputs of one row a text, the logits are the one whose name says so, or
// else one that the graph makes probabilities of, or else the first.
ClassifierHead find_classifier_head(const Graph& graph);

// The logits become the only output. Changes nothing where they are that already. Returns the function
// that the graph applied to them.
std::optional<Function> keep_logits(Graph& graph);

}  // namespace hasten::graph
