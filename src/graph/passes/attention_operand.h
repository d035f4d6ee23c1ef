// Query, key or value of an attention, whatever computes it.
#pragma once

#include <optional>

#include "graph/passes/attention_projection.h"

namespace hasten::graph {

// One operand in the forms in which MultiHeadAttention takes it, as far as the graph has them.
struct AttentionOperand {
  // What it was multiplied by after the form below is found on `scale`.
  struct Form {
    ValueId value = k_no_value;
    double scale = 1;
  };
  Form tokens;   // [batch, sequence, heads * head_size]
  Form rows;     // [batch, heads, sequence, head_size]
  Form columns;  // [batch, heads, head_size, sequence]
  std::int64_t heads = 0;
  std::int64_t head_size = 0;
};

enum class Factors : std::uint8_t { k_take_out, k_keep };

// Nothing unless `value` has the four axes of `layout` for every batch.
std::optional<AttentionOperand> read_operand(const Graph& graph, const ProbeShapes& shapes,
                                             ValueId value, HeadLayout layout, Factors factors);

// The operand in one form, through new Transpose and Reshape nodes where the graph has it in
// another.
AttentionOperand::Form as_tokens(Graph& graph, const AttentionOperand& operand);
AttentionOperand::Form as_rows(Graph& graph, const AttentionOperand& operand);

}  // namespace hasten::graph
