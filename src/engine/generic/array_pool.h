// Memory of the arrays that one stream makes and drops, used again instead of given back.
#pragma once

#include <cstddef>
#include <memory>

namespace hasten::engine::generic {

// Hands out pieces of floats, aligned to cache lines, with 16 floats after their end that may be read and written.
// One thread at a time takes and drops; what was taken may outlive the pool.
class ArrayPool {
 public:
  ArrayPool();
  // What the pointer leads to is not set. Throws k_out_of_memory.
  std::shared_ptr<float> take(std::size_t floats);
  // What was dropped goes back to the system.
  void give_back();

 private:
  struct Shelves;
  std::shared_ptr<Shelves> shelves_;
};

}  // namespace hasten::engine::generic
