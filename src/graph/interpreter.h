// The reference: runs any graph of supported operators, one node after the other. Slow and plain on
// purpose: it is what every kernel and pass is tested against.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/tensor.h"
#include "graph/graph.h"

namespace hasten::graph {

enum class Precision {
  k_float64,        // exact: nothing is rounded to what the graph declares
  k_float32,        // as a device that computes in 16 bits: tensors of such types are held in them
  k_as_onnxruntime  // float32; float16 tensors are held in 16 bits where ONNX Runtime's CPU provider
                    // holds them so (half_storage.h)
};

// Computes the graph's outputs from its inputs, by name. Exact graph semantics: padded positions
// are computed too. Floating-point outputs have the dtype of the precision asked for; integers and
// booleans keep theirs. Throws k_unsupported naming the node and operator that it lacks, k_usage
// for inputs that are missing or of the wrong type or rank, k_malformed for shapes that do not fit.
std::map<std::string, Tensor> interpret(const Graph& graph,
                                        const std::map<std::string, Tensor>& inputs,
                                        Precision precision = Precision::k_float64);

// Throws k_usage where a tensor is not what the graph declares for an input.
void check_input(const Value& expected, const Tensor& tensor);

// Whether interpret() knows the operator.
bool interpreter_supports(std::string_view op_type, std::string_view domain);

// All that it knows, as domain and type, sorted.
std::vector<std::pair<std::string, std::string>> supported_operators();

}  // namespace hasten::graph
