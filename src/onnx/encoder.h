// Model -> protobuf.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "onnx/model.h"
#include "onnx/pieces.h"

namespace hasten::onnx {

// Where the data of those initialisers of the main graph lies that are not written into the model
// itself, by address and number of their bytes.
struct ExternalPlan {
  std::string location;
  std::map<std::pair<const std::byte*, std::size_t>, std::uint64_t> offsets;
};

// The model must not have functions (they are inlined on reading). Tensor data is not copied:
// `model` must outlive the result.
Pieces encode_model(const Model& model, const ExternalPlan& external);

}  // namespace hasten::onnx
