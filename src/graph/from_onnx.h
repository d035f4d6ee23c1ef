// ONNX file -> Graph.
#pragma once

#include <filesystem>

#include "graph/graph.h"

namespace hasten::graph {

// Constants lie in the mapped file (or its external data file) and are not copied. Throws
// k_not_found, k_malformed (with the byte where reading stopped) or k_unsupported.
Graph load_onnx(const std::filesystem::path& path);

}  // namespace hasten::graph
