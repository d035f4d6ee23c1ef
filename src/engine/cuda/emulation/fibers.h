// The threads of a block as fibers of one thread of the CPU, which take turns where they wait for one
// another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace hasten::engine::cuda::emulated {

struct Index {
  unsigned x = 0, y = 0;
};
struct Grid {
  Index blocks;
  int threads = 1;
  std::size_t shared_bytes = 0;
};

// Where the running fiber stands in its grid.
struct Position {
  Index thread, block;
};
const Position& current();
inline int lane() {
  return static_cast<int>(current().thread.x % 32);
}

// Runs `kernel` once for each thread of each block, on fibers of the calling thread. Asserts that no
// thread waits for ever.
void run_grid(const Grid& grid, const std::function<void()>& kernel);

// Waits for all threads of the block that have not returned.
void meet_block();
// What the lane `source` of this warp passes in the same call; all lanes that have not returned call.
float exchange(float value, int source);
std::byte* shared_memory();

// result += left x right over the warp, in the fragments of engine/cuda/fragment.h; `widen` gives a
// 16-bit number as float32.
void multiply_add_fragments(float (&result)[4], const std::uint32_t (&left)[4],
                            std::uint32_t right0, std::uint32_t right1,
                            float (*widen)(std::uint16_t));

}  // namespace hasten::engine::cuda::emulated
