// ONNX Runtime's product with an activation.
#pragma once

#include "graph/graph.h"

namespace hasten::graph {

//   y = com.microsoft.FusedGemm(x, w, b) {activation="Tanh"}   ==>   y = Tanh(Gemm(x, w, b))
void split_fused_gemm(Graph& graph);

}  // namespace hasten::graph
