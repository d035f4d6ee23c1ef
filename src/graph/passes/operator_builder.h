// Adds the operators that a pass writes in place of others.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace hasten::graph {

using Integers = std::vector<std::int64_t>;

// Values are named after one that is there already and after what computes them. Holds on to the graph.
class OperatorBuilder {
 public:
  // `dtype` is that of results, nothing where it is not known; what makes numbers or casts needs it.
  OperatorBuilder(Graph& graph, std::string name, std::optional<DType> dtype)
      : graph_(graph), name_(std::move(name)), dtype_(dtype) {}

  // The same with results of another type.
  OperatorBuilder as(std::optional<DType> dtype) const { return {graph_, name_, dtype}; }

  ValueId op(std::string type, std::vector<ValueId> inputs,
             std::map<std::string, Attribute> attributes = {}, std::string domain = {});
  ValueId integers(Integers values);    // int64 [size]
  ValueId integer(std::int64_t value);  // int64 []
  ValueId number(double value);         // []
  ValueId cast(ValueId value);
  ValueId reshape(ValueId value, Integers dims);
  ValueId transpose(ValueId value, Integers permutation);
  // Takes bounds as inputs, as opset 10 does.
  ValueId slice(ValueId value, std::int64_t axis, std::int64_t begin, std::int64_t end);

 private:
  Graph& graph_;
  std::string name_;
  std::optional<DType> dtype_;
};

}  // namespace hasten::graph
