#include "onnx/graph_reader.h"

#include "base/error.h"
#include "onnx/tensor_reader.h"
#include "onnx/value_info_reader.h"

namespace hasten::onnx {
namespace {

constexpr int k_max_depth = 64;  // of graphs within graphs

}  // namespace

// By AttributeType: FLOAT 1, INT 2, STRING 3, TENSOR 4, GRAPH 5, FLOATS 6, INTS 7, STRINGS 8.
struct GraphReader::AttributeFields {
  float number = 0;
  std::int64_t integer = 0;
  std::string text;
  std::optional<Tensor> tensor;
  std::shared_ptr<const Graph> body;
  std::vector<float> numbers;
  std::vector<std::int64_t> integers;
  std::vector<std::string> texts;
  std::int64_t seen = 0;  // the type of the last field

  // The field that `type` says counts; where it is 0, the last one.
  AttributeValue take(std::int64_t type);
};

AttributeValue GraphReader::AttributeFields::take(std::int64_t type) {
  switch (type == 0 ? seen : type) {
    case 1:
      return number;
    case 2:
      return integer;
    case 3:
      return std::move(text);
    case 4:
      return tensor ? AttributeValue(std::move(*tensor)) : AttributeValue();
    case 5:
      return body ? AttributeValue(std::move(body)) : AttributeValue();
    case 6:
      return std::move(numbers);
    case 7:
      return std::move(integers);
    case 8:
      return std::move(texts);
    default:
      return {};
  }
}

// Field numbers are those of onnx.proto.

Graph GraphReader::graph(Message message) {
  if (++depth_ > k_max_depth) message.context().fail_here("graphs are nested more than 64 deep");
  Graph graph;
  while (message.next()) {
    switch (message.field()) {
      case bytes_field(1):
        graph.nodes.push_back(node(message.message()));
        break;
      case bytes_field(2):
        graph.name = message.text();
        break;
      case bytes_field(5):
        graph.initializers.push_back(read_tensor(message.message(), external_));
        break;
      case bytes_field(10):
        graph.doc = message.text();
        break;
      case bytes_field(11):
        graph.inputs.push_back(read_value_info(message.message()));
        break;
      case bytes_field(12):
        graph.outputs.push_back(read_value_info(message.message()));
        break;
      case bytes_field(13):
        graph.values.push_back(read_value_info(message.message()));
        break;
      case bytes_field(15):
        fail(ErrorCode::k_unsupported, "sparse initialisers are not supported",
             message.context().where);
      default:
        message.skip();
    }
  }
  --depth_;
  return graph;
}

Node GraphReader::node(Message message) {
  Node node;
  while (message.next()) {
    switch (message.field()) {
      case bytes_field(1):
        node.inputs.push_back(message.text());
        break;
      case bytes_field(2):
        node.outputs.push_back(message.text());
        break;
      case bytes_field(3):
        node.name = message.text();
        break;
      case bytes_field(4):
        node.op_type = message.text();
        break;
      case bytes_field(5):
        node.attributes.push_back(attribute(message.message()));
        break;
      case bytes_field(7):
        node.domain = message.text();
        break;
      case bytes_field(8):
        node.overload = message.text();
        break;
      default:
        message.skip();
    }
  }
  return node;
}

// An attribute may have several fields filled in; its type says which counts. Files without a
// type (before IR version 2) have one.
Attribute GraphReader::attribute(Message message) {
  Attribute attribute;
  std::int64_t type = 0;
  AttributeFields fields;
  while (message.next()) {
    switch (message.field()) {
      case bytes_field(1):
        attribute.name = message.text();
        break;
      case varint_field(20):
        type = message.integer();
        break;
      case bytes_field(21):
        attribute.reference = message.text();
        break;
      default:
        attribute_field(message, fields);
    }
  }
  attribute.value = fields.take(type);
  return attribute;
}

void GraphReader::attribute_field(Message& message, AttributeFields& fields) {
  switch (message.field()) {
    case fixed32_field(2):
      fields.number = message.number();
      fields.seen = 1;
      break;
    case varint_field(3):
      fields.integer = message.integer();
      fields.seen = 2;
      break;
    case bytes_field(4):
      fields.text = message.text();
      fields.seen = 3;
      break;
    case bytes_field(5):
      fields.tensor = read_tensor(message.message(), external_).tensor;
      fields.seen = 4;
      break;
    case bytes_field(6):
      fields.body = std::make_shared<const Graph>(graph(message.message()));
      fields.seen = 5;
      break;
    case fixed32_field(7):
    case bytes_field(7):
      message.append_floats(fields.numbers);
      fields.seen = 6;
      break;
    case varint_field(8):
    case bytes_field(8):
      message.append_integers(fields.integers);
      fields.seen = 7;
      break;
    case bytes_field(9):
      fields.texts.push_back(message.text());
      fields.seen = 8;
      break;
    default:
      message.skip();
  }
}

}  // namespace hasten::onnx
