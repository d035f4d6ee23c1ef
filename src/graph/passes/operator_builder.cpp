#include "graph/passes/operator_builder.h"

#include <array>

#include "base/onnx_dtype.h"
#include "graph/passes/floating_constant.h"

namespace hasten::graph {

ValueId OperatorBuilder::op(std::string type, std::vector<ValueId> inputs,
                            std::map<std::string, Attribute> attributes, std::string domain) {
  const std::string name = name_ + "." + type;
  const ValueId result = graph_.add_op(std::move(type), std::move(inputs), std::move(attributes),
                                       name, std::move(domain));
  graph_.value(result).dtype = dtype_;
  return result;
}

ValueId OperatorBuilder::integers(Integers values) {
  const Dims dims = {static_cast<std::int64_t>(values.size())};
  return graph_.add_constant(name_ + ".integers",
                             make_tensor<std::int64_t>(dims, std::move(values)));
}

ValueId OperatorBuilder::integer(std::int64_t value) {
  return graph_.add_constant(name_ + ".integer", make_tensor<std::int64_t>({}, {value}));
}

ValueId OperatorBuilder::number(double value) {
  return graph_.add_constant(name_ + ".number", make_floating(*dtype_, {}, std::array{value}));
}

ValueId OperatorBuilder::cast(ValueId value) {
  return op("Cast", {value}, {{"to", onnx_code_of(*dtype_)}});
}

ValueId OperatorBuilder::reshape(ValueId value, Integers dims) {
  return op("Reshape", {value, integers(std::move(dims))});
}

ValueId OperatorBuilder::transpose(ValueId value, Integers permutation) {
  return op("Transpose", {value}, {{"perm", std::move(permutation)}});
}

ValueId OperatorBuilder::slice(ValueId value, std::int64_t axis, std::int64_t begin,
                               std::int64_t end) {
  return op("Slice", {value, integers({begin}), integers({end}), integers({axis})});
}

}  // namespace hasten::graph
