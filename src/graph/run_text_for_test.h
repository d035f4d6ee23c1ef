// For tests: runs a graph given as text and returns its only output as doubles.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "graph/dump.h"
#include "graph/interpreter.h"

namespace hasten::graph {

struct TextResult {
  Dims dims;
  DType dtype;
  std::vector<double> values;
};

inline TextResult run_text(std::string_view text, const std::map<std::string, Tensor>& inputs = {},
                           Precision precision = Precision::k_float64) {
  const auto outputs = interpret(parse_text(text), inputs, precision);
  const Tensor& output = outputs.begin()->second;
  TextResult result{output.dims, output.dtype, {}};
  if (is_floating(output.dtype)) {
    result.values = to_float64(output);
  } else {
    for (const std::int64_t value : to_int64(output))
      result.values.push_back(static_cast<double>(value));
  }
  return result;
}

// The values of one expression over constants: "Add(a, b)", with "const a ..." lines before it.
inline std::vector<double> evaluate(const std::string& constants, const std::string& expression) {
  return run_text(constants + "\nresult = " + expression + "\noutput result").values;
}

}  // namespace hasten::graph
