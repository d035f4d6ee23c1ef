// From what a pickle describes to tensors: the part that torch's two file formats share.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "base/tensor.h"
#include "checkpoint/pickle.h"

namespace hasten::checkpoint {

// The bytes of a storage, of exactly count * size_of(dtype) bytes.
using StorageBytes = std::function<std::span<const std::byte>(const PickleStorage&)>;

// The tensors of a state dictionary. Contiguous ones are views into the storages, kept alive by
// `owner`; strided ones are gathered into memory of their own, `gather_limit` bytes at most in all
// (a stride of zero can make any size out of four bytes). Throws k_malformed for views outside of
// their storage, k_unsupported for a pickle that is no dictionary of tensors.
std::map<std::string, Tensor> collect_tensors(const Pickle& pickle,
                                              const StorageBytes& storage_bytes,
                                              const std::shared_ptr<const void>& owner,
                                              std::uint64_t gather_limit, const std::string& where);

}  // namespace hasten::checkpoint
