// A model given by path: an ONNX file, or a checkpoint folder that is converted in memory.
#pragma once

#include <filesystem>

#include "checkpoint/checkpoint.h"
#include "graph/graph.h"

namespace hasten::api {

// A folder, or a weights file that means the folder around it.
bool is_checkpoint(const std::filesystem::path& path);

// The graph with Hasten's metadata. Errors name `path`.
graph::Graph load_model(const std::filesystem::path& path);

// Whether the hashes of the source files go into the metadata: it takes a second for 1.7 GB.
enum class Provenance { k_hashed, k_left_out };

// A checkpoint's graph with its metadata: tokenizer files, labels, limits.
graph::Graph build_from_checkpoint(const std::filesystem::path& path, Provenance provenance);

// The bytes of all constants, and their number of elements.
struct WeightCount {
  std::uint64_t bytes = 0;
  std::int64_t parameters = 0;
};
WeightCount count_weights(const graph::Graph& graph);

}  // namespace hasten::api
