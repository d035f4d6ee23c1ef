// ONNX file -> Graph.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "graph/graph.h"

namespace hasten::graph {

// Constants lie in the mapped file (or its external data file) and are not copied. Functions are
// inlined, Constant nodes and initialisers that are inputs as well become constants, and what
// bodies (If, Loop) read from outside is made explicit (graph.h). The result is sorted and
// verified. Throws k_not_found, k_malformed (with the byte where reading stopped) or k_unsupported.
Graph load_onnx(const std::filesystem::path& path);

// The same from memory, without external data. `owner` keeps `bytes` alive; `where` names them in
// errors.
Graph parse_onnx(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                 const std::string& where);

}  // namespace hasten::graph
