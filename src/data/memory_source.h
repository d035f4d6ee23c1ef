// Bytes that lie in memory, as a source.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "data/byte_source.h"

namespace hasten::data {

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string bytes) : bytes_(std::move(bytes)) {}
  std::size_t read(std::span<char> out) override {
    const std::size_t count = std::min(out.size(), bytes_.size() - position_);
    std::copy_n(bytes_.data() + position_, count, out.data());
    position_ += count;
    return count;
  }
  bool ready() override { return true; }

 private:
  std::string bytes_;
  std::size_t position_ = 0;
};

}  // namespace hasten::data
