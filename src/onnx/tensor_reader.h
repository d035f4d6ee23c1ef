// TensorProto -> Tensor.
#pragma once

#include "onnx/external_data.h"
#include "onnx/message.h"
#include "onnx/model.h"

namespace hasten::onnx {

// Raw, packed and external data stay where they lie; other encodings are copied. `external` may be
// null: external data is then refused. Throws k_malformed when the data does not fit type and
// shape, and k_unsupported for element types that Hasten has not.
NamedTensor read_tensor(Message message, ExternalData* external);

}  // namespace hasten::onnx
