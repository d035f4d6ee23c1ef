// A graph of an ONNX model -> Graph, functions inlined.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "graph/graph.h"
#include "onnx/model.h"

namespace hasten::graph {

using FunctionName = std::tuple<std::string, std::string, std::string>;  // domain, name, overload

// What the graphs of one model share.
struct ModelImport {
  std::string where;
  std::map<std::string, std::int64_t> opsets;
  std::map<FunctionName, const onnx::Function*> functions;
  std::size_t node_count = 0;
};

// The empty domain also has the name "ai.onnx".
std::string normalized_domain(const std::string& domain);

// The main graph. What is both an input and an initialiser is a constant; what bodies read from outside is
// made explicit (graph.h). Sorted. Throws k_malformed or k_unsupported.
Graph import_graph(ModelImport& import, const onnx::Graph& source);

}  // namespace hasten::graph
