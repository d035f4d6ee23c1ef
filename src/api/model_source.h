// A model given by path: an ONNX file, or a checkpoint folder that is converted in memory.
#pragma once

#include <filesystem>
#include <optional>

#include <hasten/options.h>

#include "checkpoint/checkpoint.h"
#include "graph/graph.h"
#include "graph/model_metadata.h"

namespace hasten::api {

// A folder with PyTorch weights, or a weights file that means the folder around it.
bool is_checkpoint(const std::filesystem::path& path);

// The graph with Hasten's metadata. Errors name `path`. A function that is chosen stands in for what a
// checkpoint's settings say, which then need not be known; an ONNX file keeps its own. A file without
// metadata, or a folder of ONNX files, gets it from what lies beside it (onnx_folder.h), or from the
// folder `tokenizer`, which also replaces the tokenizer of any other model.
graph::Graph load_model(const std::filesystem::path& path, std::optional<Function> function = {},
                        const std::filesystem::path& tokenizer = {});

// The graph alone: what lies beside an ONNX file is not looked at.
graph::Graph load_graph(const std::filesystem::path& path);

// Whether the hashes of the source files go into the metadata: it takes a second for 1.7 GB.
enum class Provenance { k_hashed, k_left_out };

struct BuildOptions {
  Provenance provenance = Provenance::k_left_out;
  std::optional<Function> function;   // instead of what the settings say
  bool widens_half = false;           // half-precision weights become float32
  std::filesystem::path tokenizer{};  // a folder of tokenizer files instead of the checkpoint's own
};

// A checkpoint's graph with its metadata: tokenizer files, labels, limits.
graph::Graph build_from_checkpoint(const std::filesystem::path& path, const BuildOptions& options);

// What a graph is, of that which its settings do not say.
struct Meaning {
  std::int64_t class_count = 0;
  std::int64_t position_limit = 0;
  std::string architecture, model_type;
};

// The metadata of a model with these settings.
graph::ModelMetadata describe(const checkpoint::Checkpoint& settings, const Meaning& meaning,
                              std::optional<Function> function);

// The bytes of all constants, and their number of elements.
struct WeightCount {
  std::uint64_t bytes = 0;
  std::int64_t parameters = 0;
};
WeightCount count_weights(const graph::Graph& graph);

}  // namespace hasten::api
