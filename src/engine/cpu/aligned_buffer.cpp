#include "engine/cpu/aligned_buffer.h"

#include <sys/mman.h>

#include <cassert>
#include <cstdint>
#include <limits>
#include <string>

#include "base/error.h"

namespace hasten::engine::cpu {
namespace {

constexpr std::size_t k_page = 4096;
constexpr std::size_t k_huge_page = std::size_t{2} << 20;

}  // namespace

AlignedBuffer::AlignedBuffer(std::size_t size) : size_(size) {
  if (size == 0) return;
  const bool huge = size >= k_huge_page;
  const std::size_t alignment = huge ? k_huge_page : k_page;
  const bool countable = size <= std::numeric_limits<std::size_t>::max() / 2;
  mapped_size_ = countable ? round_up(size, k_page) + (huge ? alignment : 0) : 0;
  void* mapped = countable ? mmap(nullptr, mapped_size_, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                           : MAP_FAILED;
  if (mapped == MAP_FAILED) {
    fail(ErrorCode::k_out_of_memory, "no memory for " + std::to_string(size) + " bytes of matrices",
         {}, "the model or the batch is larger than what is free",
         "use a smaller batch or a smaller model");
  }
  auto* start = static_cast<std::byte*>(mapped);
  // Give back what lies before the boundary, so that data_ is the start of the mapping.
  const std::size_t before = round_up(reinterpret_cast<std::uintptr_t>(start), alignment) -
                             reinterpret_cast<std::uintptr_t>(start);
  if (before != 0) munmap(start, before);
  mapped_size_ -= before;
  data_ = start + before;
  if (huge) madvise(data_, size, MADV_HUGEPAGE);
}

AlignedBuffer::~AlignedBuffer() {
  if (data_ != nullptr) munmap(data_, mapped_size_);
}

std::byte* Arena::allocate(std::size_t size) {
  std::byte* piece = buffer_.data() + used_;
  used_ += cost(size);
  assert(used_ <= buffer_.size());
  return piece;
}

}  // namespace hasten::engine::cpu
