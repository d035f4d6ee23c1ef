// The generic engine: runs any graph that the interpreter knows, without padding. It is for graphs that do not
// lower.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/backend.h"
#include "graph/graph.h"

namespace hasten::engine::generic {

// The graph must take input_ids (and may take attention_mask, token_type_ids, position_ids), int64 or
// int32, and its first output must be [batch, classes]. A graph of one length gets texts padded to it, and
// needs the mask for that; they must not be longer. `class_count` is set by running one token.
// `simplified` is the same graph with its patterns fused; it is what runs, on the kernels of the best instruction
// set, in float32. Where it computes in 16 bits, `graph` runs as by prepare_exact().
// Throws k_unsupported for another interface or an operator that the interpreter lacks.
std::unique_ptr<const Executable> prepare(const graph::Graph& graph, const graph::Graph& simplified,
                                          std::int64_t& class_count);

// Every operator as the file says, by the interpreter, in float32: slow.
std::unique_ptr<const Executable> prepare_exact(const graph::Graph& graph,
                                                std::int64_t& class_count);

}  // namespace hasten::engine::generic
