// The tensors of one weights file, or of the shards that an index lists.
#pragma once

#include <map>
#include <string>

#include "base/json.h"
#include "base/tensor.h"
#include "checkpoint/file_bytes.h"

namespace hasten::checkpoint {

class SourceFolder;

// Reads a weights file whatever its name: the format is told by its first bytes. Throws
// k_malformed; k_unsupported for formats of other frameworks.
std::map<std::string, Tensor> read_weights_file(const FileBytes& file);

// Tensor name -> shard, the weight_map of an index file. Throws k_malformed.
std::map<std::string, std::string> parse_shard_index(const Json& index, const std::string& where);

// The union of the shards that `index_name` (model.safetensors.index.json, ...) lists. Every tensor
// of its weight_map must be in the shard that it names, and none in two shards.
std::map<std::string, Tensor> read_shards(SourceFolder& folder, const std::string& index_name);

}  // namespace hasten::checkpoint
