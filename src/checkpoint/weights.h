// The tensors of one weights file, or of the shards that an index lists.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/mapped_file.h"
#include "base/tensor.h"

namespace hasten::checkpoint {

class SourceFolder;

// Reads a weights file whatever its name: the format is told by its first bytes. `where` names it
// in errors. Throws k_malformed; k_unsupported for formats of other frameworks.
std::map<std::string, Tensor> read_weights_file(const std::shared_ptr<const MappedFile>& file,
                                                const std::string& where);

// The union of the shards that `index_name` (model.safetensors.index.json, ...) lists. Every tensor
// of its weight_map must be in the shard that it names, and none in two shards.
std::map<std::string, Tensor> read_shards(SourceFolder& folder, const std::string& index_name);

}  // namespace hasten::checkpoint
