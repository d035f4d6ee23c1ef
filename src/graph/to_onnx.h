// Graph -> ONNX file.
#pragma once

#include <cstdint>
#include <filesystem>

#include "graph/graph.h"

namespace hasten::graph {

struct SaveLimits {
  std::uint64_t max_file_bytes = (std::uint64_t{1} << 31) - 1;  // protobuf's own limit
  bool external = false;  // constants go into a data file, whatever their size
};

// Replaces `path` atomically; it may be the file that the graph was loaded from. Constants stream
// from where they lie; those that nobody reads are left out. Equal graphs give equal bytes. Past
// the limit constants go into a data file beside it (written and flushed first), named after `path`
// and their hash. Throws k_output.
void save_onnx(const Graph& graph, const std::filesystem::path& path,
               const SaveLimits& limits = {});

}  // namespace hasten::graph
