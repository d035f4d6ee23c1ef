// The safetensors format: 8 bytes of header length, a JSON header, then the tensors' bytes.
#pragma once

#include <map>
#include <string>

#include "base/tensor.h"
#include "checkpoint/file_bytes.h"

namespace hasten::checkpoint {

// The tensors of a file, in place. As the format asks: a header of at most 100,000,000 bytes, names
// that occur once, tensors that fill the rest of the file without a hole or an overlap. Throws
// k_malformed, or k_unsupported for an element type that no classifier here computes with (float8).
//
std::map<std::string, Tensor> read_safetensors(const FileBytes& file);

}  // namespace hasten::checkpoint
