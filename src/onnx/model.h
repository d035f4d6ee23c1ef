// An ONNX file as plain structs: what the messages of onnx.proto say, uninterpreted.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/tensor.h"

namespace hasten::onnx {

struct Graph;

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

// A number, a name, or neither.
struct Dimension {
  std::optional<std::int64_t> size;
  std::string name;
};

// The type of a value; of other kinds than tensors (sequences, maps) only that they are not one.
struct ValueInfo {
  std::string name;
  bool is_tensor = true;
  std::int64_t element_type = 0;  // TensorProto.DataType; 0: not said
  std::optional<std::vector<Dimension>> shape;
};

using AttributeValue = std::variant<std::monostate, std::int64_t, float, std::string, Tensor,
                                    std::vector<std::int64_t>, std::vector<float>,
                                    std::vector<std::string>, std::shared_ptr<const Graph>>;

struct Attribute {
  std::string name;
  std::string reference;  // inside a function: the attribute of its caller that is meant
  AttributeValue value;   // monostate: a kind that Hasten has not (sparse tensors, lists of graphs)
};

struct Node {
  std::string name;
  std::string op_type;
  std::string domain;
  std::string overload;
  std::vector<std::string> inputs;  // empty: left out
  std::vector<std::string> outputs;
  std::vector<Attribute> attributes;
};

struct Graph {
  std::string name;
  std::string doc;
  std::vector<Node> nodes;
  std::vector<NamedTensor> initializers;
  std::vector<ValueInfo> inputs;
  std::vector<ValueInfo> outputs;
  std::vector<ValueInfo> values;  // of what lies between
};

// A domain and its version.
using OpsetImport = std::pair<std::string, std::int64_t>;

struct Function {
  std::string name;
  std::string domain;
  std::string overload;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<std::string> attributes;  // without defaults
  std::vector<Attribute> defaults;      // attributes with defaults
  std::vector<Node> nodes;
  std::vector<OpsetImport> opsets;
};

struct Model {
  std::int64_t ir_version = 0;
  std::vector<OpsetImport> opsets;
  std::string producer_name;
  std::string producer_version;
  std::vector<std::pair<std::string, std::string>> metadata;
  Graph graph;
  std::vector<Function> functions;
};

}  // namespace hasten::onnx
