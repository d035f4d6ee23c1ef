// Reads every element of every tensor, so that a view outside of its file cannot go unnoticed.
#pragma once

#include <cstdlib>
#include <map>
#include <string>

#include "base/tensor.h"

namespace hasten::fuzz {

inline void touch(const std::map<std::string, Tensor>& tensors) {
  for (const auto& [name, tensor] : tensors) {
    const auto count = element_count(tensor.dims);
    if (!count || static_cast<std::size_t>(*count) * size_of(tensor.dtype) != tensor.bytes.size()) {
      std::abort();
    }
    volatile unsigned char sum = 0;
    for (const std::byte byte : tensor.bytes) sum = sum + static_cast<unsigned char>(byte);
  }
}

}  // namespace hasten::fuzz
