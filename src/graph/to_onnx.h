// Graph -> ONNX file.
#pragma once

#include <filesystem>

#include "graph/graph.h"

namespace hasten::graph {

// Replaces `path` atomically; it may be the file that the graph was loaded from. Constants stream
// from where they lie. Past 2 GB, they go into a data file beside it (written and flushed first).
void save_onnx(const Graph& graph, const std::filesystem::path& path);

}  // namespace hasten::graph
