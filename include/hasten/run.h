// Any ONNX graph on inputs of one's own, exactly as the file says.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace hasten {

// Computes the outputs of `model` (an ONNX file, fused or not, or a checkpoint folder) node by node,
// padded positions included; a quantised file is computed as its runtime does, per tensor.
//
// `inputs` is a JSON object of input name -> nested lists; their types are those that the graph
// declares. Floating-point elements may be the strings "NaN", "Infinity" and "-Infinity"; booleans
// may be 0 and 1. `where` names the source of the inputs in errors. Returns an object of output name
// -> nested lists on one line, numbers with the shortest digits that read back as the same value.
//
// Throws k_usage for an input that is missing, unknown, ragged, or of another type, range or rank
// than declared, k_malformed for what is no JSON or for shapes that do not fit in the graph, and
// k_unsupported naming the node and operator that is not known.
std::string run_graph(const std::filesystem::path& model, std::string_view inputs,
                      const std::string& where = "the inputs");

}  // namespace hasten
