// Operators made of other operators of the interpreter.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "graph/operator_table.h"

namespace hasten::graph {

// The outputs of another operator on these inputs, as a part of `outer`.
template <typename Real>
std::vector<Array<Real>> inner_call(const OperatorCall<Real>& outer, const std::string& op_type,
                                    const std::string& domain, std::int64_t opset,
                                    std::map<std::string, Attribute> attributes,
                                    std::vector<std::optional<Array<Real>>> inputs) {
  const Node node{outer.node.name, op_type, domain, {}, outer.node.outputs, std::move(attributes)};
  OperatorCall<Real> call{outer.graph, node, opset, std::move(inputs), {}, outer.run_body};
  const auto body = operator_table<Real>().find({op_type, domain});
  if (body == operator_table<Real>().end()) outer.unsupported("it needs " + op_type);
  body->second(call);
  return std::move(call.outputs);
}

}  // namespace hasten::graph
