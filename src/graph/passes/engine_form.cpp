#include "graph/passes/engine_form.h"

#include "graph/passes/empty_rows.h"
#include "graph/passes/name_token_inputs.h"
#include "graph/passes/pass.h"
#include "graph/passes/prefix_masks.h"
#include "graph/passes/restore_products.h"
#include "graph/passes/restore_qlinear.h"
#include "graph/passes/split_attention_operators.h"
#include "graph/passes/split_embedding_operators.h"
#include "graph/passes/split_fused_gemm.h"

namespace hasten::graph {

void to_engine_form(Graph& graph) {
  name_token_inputs(graph);
  restore_products(graph);
  restore_block_products(graph);
  split_embedding_operators(graph);
  split_fused_gemm(graph);
  const std::vector<std::string> skipped = {std::string(k_fuse_rotary_embedding),
                                            std::string(k_fuse_biased_attention)};
  run_passes(graph, skipped);
  drop_zeroing_of_empty_rows(graph);
  if (split_attention_operators(graph) > 0) run_passes(graph, skipped);
  read_masks_as_prefixes(graph);
}

}  // namespace hasten::graph
