// GraphProto, NodeProto and AttributeProto -> structs: they hold each other.
#pragma once

#include "onnx/external_data.h"
#include "onnx/message.h"
#include "onnx/model.h"

namespace hasten::onnx {

// Each function reads a whole message; throws k_malformed or k_unsupported.
class GraphReader {
 public:
  // `external` may be nullptr: then no tensor may lie outside the file.
  explicit GraphReader(ExternalData* external) : external_(external) {}

  Graph graph(Message message);
  Node node(Message message);
  Attribute attribute(Message message);

 private:
  struct AttributeFields;
  void attribute_field(Message& message, AttributeFields& fields);

  ExternalData* external_;
  int depth_ = 0;  // of the graph that is read
};

}  // namespace hasten::onnx
