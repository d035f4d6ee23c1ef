#include "engine/generic/array_pool.h"

#include <array>
#include <bit>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/error.h"

namespace hasten::engine::generic {
namespace {

constexpr std::size_t k_alignment = 64;
constexpr std::size_t k_floats_after = 16;
constexpr std::size_t k_smallest = 64;  // floats

struct SizeClass {
  std::size_t index;
  std::size_t floats;
};

// Sizes in four steps from each power of two to the next: at most a quarter is wasted.
SizeClass size_class(std::size_t floats) {
  if (floats <= k_smallest) return {0, k_smallest};
  const auto power = static_cast<std::size_t>(std::bit_width(floats - 1) - 1);
  const std::size_t step = std::size_t{1} << (power - 2);
  const std::size_t steps = (floats - (std::size_t{1} << power) + step - 1) / step;
  return {4 * power + steps, (std::size_t{1} << power) + steps * step};
}

}  // namespace

struct ArrayPool::Shelves {
  std::array<std::vector<float*>, 4 * 64 + 4> free;
  Shelves() = default;
  Shelves(const Shelves&) = delete;
  Shelves& operator=(const Shelves&) = delete;
  ~Shelves() {
    for (const auto& shelf : free) {
      for (float* piece : shelf) std::free(piece);
    }
  }
};

ArrayPool::ArrayPool() : shelves_(std::make_shared<Shelves>()) {}

std::shared_ptr<float> ArrayPool::take(std::size_t floats) {
  const SizeClass wanted = size_class(floats);
  std::vector<float*>& shelf = shelves_->free[wanted.index];
  float* piece = nullptr;
  if (!shelf.empty()) {
    piece = shelf.back();
    shelf.pop_back();
  } else {
    const std::size_t bytes = (wanted.floats + k_floats_after) * sizeof(float);
    const std::size_t rounded = (bytes + k_alignment - 1) / k_alignment * k_alignment;
    piece = static_cast<float*>(std::aligned_alloc(k_alignment, rounded));
    if (piece == nullptr) {
      fail(ErrorCode::k_out_of_memory,
           "no memory for " + std::to_string(bytes) + " bytes of an array");
    }
  }
  return {piece, [shelves = shelves_, index = wanted.index](float* done) {
            try {
              shelves->free[index].push_back(done);
            } catch (...) {  // no memory for the shelf: the piece goes back to the system
              std::free(done);
            }
          }};
}

void ArrayPool::give_back() {
  for (auto& shelf : shelves_->free) {
    for (float* piece : shelf) std::free(piece);
    shelf.clear();
    shelf.shrink_to_fit();
  }
}

}  // namespace hasten::engine::generic
