// ONNX files that other tools wrote, with what lies beside them: Optimum's export folders and the like.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include <hasten/options.h>

#include "graph/graph.h"

namespace hasten::api {

// Every tokenizer file of a folder that need hold nothing else: name -> content. Throws k_not_found for a
// folder without any.
std::map<std::string, std::string> read_tokenizer_files(const std::filesystem::path& folder);

// The ONNX file that a folder stands for: model.onnx, then optimised and quantised ones, in the folder
// or in its subfolder onnx/; else the only one there. Nothing for a folder with PyTorch weights, which
// is a checkpoint, or without ONNX files. Throws k_usage for a folder with several of other names.
std::optional<std::filesystem::path> onnx_file_in(const std::filesystem::path& folder);

// Gives a graph without Hasten's metadata the labels, the function to apply, the limits and the
// tokenizer of `tokenizer` (a folder), or, where that is empty, of the folder of `file` (of its parent
// for a file in onnx/). Leaves the graph alone when it has metadata and no `tokenizer` is given, and
// when there is nothing beside the file. Throws what reading damaged settings throws.
void describe_from_folder(graph::Graph& graph, const std::filesystem::path& file,
                          const std::filesystem::path& tokenizer, std::optional<Function> function);

}  // namespace hasten::api
