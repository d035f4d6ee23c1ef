// The run functions of all passes, one file each. Internal to pass_list.cpp and the tests.
#pragma once

#include "graph/passes/pass.h"

namespace hasten::graph {

PassOutcome remove_identities(Graph& graph);
PassOutcome fold_constants(Graph& graph);
PassOutcome eliminate_common_subexpressions(Graph& graph);
PassOutcome restate_flat_products(Graph& graph);
PassOutcome restate_flat_forms(Graph& graph);
PassOutcome split_fused_products(Graph& graph);
PassOutcome inline_known_branches(Graph& graph);
PassOutcome unflatten_heads(Graph& graph);
PassOutcome separate_projections(Graph& graph);
PassOutcome separate_interleaved_heads(Graph& graph);
PassOutcome move_head_biases(Graph& graph);
PassOutcome widen_sliced_tables(Graph& graph);
PassOutcome fold_fixed_sizes(Graph& graph);
PassOutcome fuse_layer_normalization(Graph& graph);
PassOutcome fuse_gelu(Graph& graph);
PassOutcome split_einsums(Graph& graph);
PassOutcome simplify_token_positions(Graph& graph);
PassOutcome fuse_attention(Graph& graph);
PassOutcome fuse_attention_operators(Graph& graph);
PassOutcome fuse_rotary_embedding(Graph& graph);
PassOutcome fuse_biased_attention(Graph& graph);
PassOutcome fold_constant_lookups(Graph& graph);
PassOutcome fuse_embedding_layer_normalization(Graph& graph);
PassOutcome fuse_skip_layer_normalization(Graph& graph);
PassOutcome fuse_bias_gelu(Graph& graph);

}  // namespace hasten::graph
