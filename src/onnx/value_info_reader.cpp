#include "onnx/value_info_reader.h"

namespace hasten::onnx {
namespace {

// Field numbers are those of onnx.proto.
Dimension dimension(Message message) {
  Dimension dim;
  while (message.next()) {
    switch (message.field()) {
      case varint_field(1):
        dim.size = message.integer();
        break;
      case bytes_field(2):
        dim.name = message.text();
        break;
      default:
        message.skip();
    }
  }
  return dim;
}

std::vector<Dimension> shape(Message message) {
  std::vector<Dimension> dims;
  while (message.next()) {
    if (message.field() == bytes_field(1)) {
      dims.push_back(dimension(message.message()));
    } else {
      message.skip();
    }
  }
  return dims;
}

void read_tensor_type(Message message, ValueInfo& info) {
  while (message.next()) {
    switch (message.field()) {
      case varint_field(1):
        info.element_type = message.integer();
        break;
      case bytes_field(2):
        info.shape = shape(message.message());
        break;
      default:
        message.skip();
    }
  }
}

void read_type(Message message, ValueInfo& info) {
  while (message.next()) {
    switch (message.field()) {
      case bytes_field(1):
        read_tensor_type(message.message(), info);
        break;
      case bytes_field(4):
      case bytes_field(5):
      case bytes_field(8):
      case bytes_field(9):
        info.is_tensor = false;
        message.skip();
        break;
      default:
        message.skip();
    }
  }
}

}  // namespace

ValueInfo read_value_info(Message message) {
  ValueInfo info;
  while (message.next()) {
    switch (message.field()) {
      case bytes_field(1):
        info.name = message.text();
        break;
      case bytes_field(2):
        read_type(message.message(), info);
        break;
      default:
        message.skip();
    }
  }
  return info;
}

}  // namespace hasten::onnx
