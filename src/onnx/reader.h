// ONNX bytes -> Model.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "onnx/model.h"

namespace hasten::onnx {

// Maps the file; tensors lie in the mapping, or in that of an external data file, and keep it
// alive. Throws k_not_found, k_malformed (with the byte where reading stopped) or k_unsupported.
Model load_model(const std::filesystem::path& path);

// The same from memory, without external data. `owner` keeps `bytes` alive; `where` names them in
// errors.
Model read_model(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                 std::string where);

// A TensorProto alone, as the files of conformance tests hold.
NamedTensor load_tensor(const std::filesystem::path& path);

}  // namespace hasten::onnx
