// Memory for matrices: aligned to cache lines, in huge pages where the system gives them.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

namespace hasten::engine::cpu {

// Owns `size` bytes of zeroed memory. Buffers of at least one huge page start on a huge page
// boundary.
class AlignedBuffer {
 public:
  static constexpr std::size_t k_alignment = 64;

  AlignedBuffer() = default;
  // Throws k_out_of_memory.
  explicit AlignedBuffer(std::size_t size);
  AlignedBuffer(AlignedBuffer&& other) noexcept { swap(other); }
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    AlignedBuffer(std::move(other)).swap(*this);
    return *this;
  }
  ~AlignedBuffer();

  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  void swap(AlignedBuffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(mapped_size_, other.mapped_size_);
  }

  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t mapped_size_ = 0;
};

constexpr std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// Hands out aligned pieces of one buffer whose size is known before.
class Arena {
 public:
  Arena() = default;
  explicit Arena(std::size_t size) : buffer_(size) {}
  // What a piece of `size` bytes takes.
  static constexpr std::size_t cost(std::size_t size) {
    return round_up(size, AlignedBuffer::k_alignment);
  }
  // Asserts that the pieces fit.
  std::byte* allocate(std::size_t size);
  std::size_t size() const { return buffer_.size(); }

 private:
  AlignedBuffer buffer_;
  std::size_t used_ = 0;
};

}  // namespace hasten::engine::cpu
