#include "graph/passes/pass.h"
#include "graph/passes/passes.h"

namespace hasten::graph {
namespace {

// Cleaning comes first, so that patterns meet fewer forms; attention before the sums around it, and
// the bias of GELU last, so that no other pattern misses its Add.
constexpr Pass k_passes[] = {
    {"remove_identities", "operators that change nothing are taken out", remove_identities},
    {"fold_fixed_sizes", "shapes that an export has fixed become constants", fold_fixed_sizes},
    {"fold_constants", "what depends on constants alone is computed now", fold_constants},
    {"split_einsums", "an Einsum that multiplies matrices becomes a MatMul", split_einsums},
    {"split_fused_products",
     "a FusedMatMul becomes the MatMul, Transpose and Mul that it is made of",
     split_fused_products},
    {"eliminate_common_subexpressions", "what is computed twice is computed once",
     eliminate_common_subexpressions},
    {"restate_flat_products",
     "products of flattened tokens are written over [batch, sequence, width]",
     restate_flat_products},
    {"restate_flat_forms", "pooled means and a first token cut out become means and lookups",
     restate_flat_forms},
    {"inline_known_branches",
     "an If whose condition is the same for every batch becomes the branch taken",
     inline_known_branches},
    {"unflatten_heads",
     "products of heads that were joined with the batch are written over [batch, heads, ...]",
     unflatten_heads},
    {"separate_projections", "query, key and value of one product are split before their heads are",
     separate_projections},
    {"separate_interleaved_heads",
     "query, key and value that one product has side by side in each head become products of their "
     "own",
     separate_interleaved_heads},
    {"move_head_biases", "a bias of heads becomes one of the product before them",
     move_head_biases},
    {"widen_sliced_tables",
     "vectors of distances are looked up in whole tables instead of what a text's length cuts out "
     "of them",
     widen_sliced_tables},
    {"fuse_layer_normalization", "mean, variance and scaling become one LayerNormalization",
     fuse_layer_normalization},
    {"fuse_gelu", "erf and tanh forms become one Gelu or FastGelu", fuse_gelu},
    {"fuse_attention", "projections, scores, softmax and values become one Attention",
     fuse_attention},
    {"fuse_attention_operators",
     "Attention and MultiHeadAttention after their projections become one Attention",
     fuse_attention_operators},
    {k_fuse_rotary_embedding, "heads turned by their positions become one RotaryEmbedding",
     fuse_rotary_embedding},
    {k_fuse_biased_attention, "attention with more than a mask becomes one MultiHeadAttention",
     fuse_biased_attention},
    {"fold_constant_lookups", "a row that every token looks up becomes a constant",
     fold_constant_lookups},
    {"fuse_embedding_layer_normalization",
     "lookups, their sum and its normalisation become one EmbedLayerNormalization",
     fuse_embedding_layer_normalization},
    {"simplify_token_positions", "positions that count from 0 need not be given",
     simplify_token_positions},
    {"fuse_skip_layer_normalization",
     "a residual sum and its normalisation become one SkipLayerNormalization",
     fuse_skip_layer_normalization},
    {"fuse_bias_gelu", "a bias and the Gelu after it become one BiasGelu", fuse_bias_gelu},
};

}  // namespace

std::span<const Pass> all_passes() {
  return k_passes;
}

}  // namespace hasten::graph
