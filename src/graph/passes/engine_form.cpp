#include "graph/passes/engine_form.h"

#include "graph/passes/pass.h"
#include "graph/passes/prefix_masks.h"
#include "graph/passes/restore_products.h"
#include "graph/passes/split_fused_gemm.h"

namespace hasten::graph {

void to_engine_form(Graph& graph) {
  restore_products(graph);
  split_fused_gemm(graph);
  run_passes(graph);
  read_masks_as_prefixes(graph);
}

}  // namespace hasten::graph
