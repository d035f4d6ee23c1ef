// Attention with anything added to its scores, recognised.
#pragma once

#include "graph/passes/attention_operand.h"
#include "graph/passes/score_bias.h"

namespace hasten::graph {

// The mask of ONNX's Attention, whose result is zero for queries that see no key.
struct ZeroingMask {
  ValueId value = k_no_value;
  DType dtype = DType::k_bool;
  std::size_t rank = 0;
  bool may_hide = false;
};

struct BiasedMatch {
  AttentionOperand query, key, value;
  double scale = 1;
  ScoreBias bias;
  DType dtype = DType::k_float32;
  ZeroingMask zeroing;
  NodeId last = k_no_node;
};

// From a softmax over scores back to their product and on to the merge of the heads; throws Mismatch where
// it is another.
BiasedMatch match_biased_softmax(const Graph& graph, const ProbeShapes& shapes,
                                 const ScoreBiasBuilder& builder, NodeId softmax);

// The operator Attention of ONNX 23; throws Mismatch where it is more than is computed elsewhere.
BiasedMatch match_attention_operator(const Graph& graph, const ProbeShapes& shapes,
                                     const ScoreBiasBuilder& builder, NodeId id);

}  // namespace hasten::graph
