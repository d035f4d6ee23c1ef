// Model -> ONNX file.
#pragma once

#include <cstdint>
#include <filesystem>

#include "onnx/model.h"

namespace hasten::onnx {

struct WriteLimits {
  std::uint64_t max_file_bytes = (std::uint64_t{1} << 31) - 1;  // protobuf's own limit
  std::uint64_t min_external_bytes = 1024;                      // smaller tensors stay in the model
  bool external = false;  // tensors go into a data file, however small the model is
};

// Replaces `path` atomically. Equal models give equal bytes; tensor data streams from where it
// lies, which may be the file that is replaced. A model beyond max_file_bytes, or `external`, has its tensors in
// NAME.<16 hexadecimal digits of their hash>.data beside it: complete under that name before the
// model appears, so that the two always fit; data files of that form that an earlier model of this
// name left behind are removed. Throws k_output; k_unsupported when the model is too large even
// without its tensors.
void save_model(const Model& model, const std::filesystem::path& path,
                const WriteLimits& limits = {});

}  // namespace hasten::onnx
