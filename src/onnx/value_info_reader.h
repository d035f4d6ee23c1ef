// The part of the reader that decodes names with their types and shapes. Internal to the folder.
#pragma once

#include "onnx/message.h"
#include "onnx/model.h"

namespace hasten::onnx {

ValueInfo read_value_info(Message message);

}  // namespace hasten::onnx
