// torch.save's two formats: the zip archive (torch 1.6 to today) and the concatenated pickles
// before it (torch 1.4 and earlier, or `_use_new_zipfile_serialization=False`).
#pragma once

#include <map>
#include <string>

#include "base/tensor.h"
#include "checkpoint/file_bytes.h"

namespace hasten::checkpoint {

// The state dictionary of a zip archive, its tensors in place. Throws k_malformed, and
// k_unsupported for archives that hold something else (TorchScript, whole models) or big-endian
// values.
std::map<std::string, Tensor> read_torch_zip(const FileBytes& file);

// The same for the older format: magic number, version, system info, the dictionary, storage keys,
// each one a pickle, then every storage as a count and its values.
std::map<std::string, Tensor> read_torch_legacy(const FileBytes& file);

}  // namespace hasten::checkpoint
