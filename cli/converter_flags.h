// The flags of transformers' convert_graph_to_onnx, which transformers 5 no longer has, so that
// scripts written for it run as they are.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include <hasten/convert.h>

namespace hasten::cli {

struct ConverterFlags {
  std::filesystem::path model;  // the checkpoint; then the only positional argument is the output
  std::string framework;
  std::string pipeline;
  bool check_loading = false;
  bool quantize = false;

  void add_to(CLI::App& verb, ConvertOptions& options);
  // Moves the arguments to where the verb's own would be. Throws k_usage and k_unsupported.
  void apply(ConvertOptions& options) const;
  // Makes NAME-optimized.onnx and NAME-optimized-quantized.onnx out of NAME.onnx, if asked for, and
  // loads what was made, if asked for. Returns the files that it made.
  std::vector<std::filesystem::path> finish(const ConvertOptions& options) const;
};

}  // namespace hasten::cli
