#include "engine/cuda/emulation/fibers.h"

#include <setjmp.h>
#include <ucontext.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <memory>
#include <vector>

namespace hasten::engine::cuda::emulated {
namespace {

constexpr std::size_t k_stack_bytes = std::size_t{128} << 10;
constexpr int k_lanes = 32;

// A lane's part of what a warp exchanges: a number, or two fragments.
struct Slot {
  float number = 0;
  std::uint32_t left[4] = {};
  std::uint32_t right[2] = {};
};

enum class Wait { k_none, k_warp, k_block, k_done };

// A fiber starts by ucontext, which gives it a stack, and changes places with the scheduler by jumps, which
// ask nothing of the system.
struct Fiber {
  jmp_buf place{};
  std::unique_ptr<std::byte[]> stack;
  Position position;
  Wait wait = Wait::k_none;
  Slot slot;
};

// One block at a time.
class Block {
 public:
  Block(const Grid& grid, const std::function<void()>& kernel)
      : kernel_(kernel), shared_(grid.shared_bytes + 16) {
    fibers_.resize(static_cast<std::size_t>(grid.threads));
  }

  void start_all() {
    for (Fiber& fiber : fibers_) start(fiber);
  }

  void run(Index block);
  void wait(Wait how) {
    running_->wait = how;
    if (_setjmp(running_->place) == 0) _longjmp(scheduler_, 1);
  }
  Fiber& running() { return *running_; }
  Fiber& lane_of_warp(int lane) {
    const std::size_t index =
        running_->position.thread.x / k_lanes * k_lanes + static_cast<unsigned>(lane);
    assert(index < fibers_.size() && fibers_[index].wait != Wait::k_done);
    return fibers_[index];
  }
  std::byte* shared() {
    const auto address = reinterpret_cast<std::uintptr_t>(shared_.data());
    return shared_.data() + (16 - address % 16) % 16;
  }

 private:
  [[noreturn]] static void enter();
  void start(Fiber& fiber);
  void resume(Fiber& fiber);
  bool release(std::size_t begin, std::size_t end, Wait how);

  const std::function<void()>& kernel_;
  std::vector<std::byte> shared_;
  std::vector<Fiber> fibers_;
  jmp_buf scheduler_{};
  Fiber* running_ = nullptr;
};

thread_local Block* t_block = nullptr;

// One block after another.
void Block::enter() {
  for (;;) {
    t_block->wait(Wait::k_done);
    t_block->kernel_();
  }
}

// Runs a new fiber to where it waits for its first block.
void Block::start(Fiber& fiber) {
  fiber.stack = std::make_unique_for_overwrite<std::byte[]>(k_stack_bytes);
  ucontext_t context{};
  getcontext(&context);
  context.uc_stack.ss_sp = fiber.stack.get();
  context.uc_stack.ss_size = k_stack_bytes;
  makecontext(&context, &Block::enter, 0);
  running_ = &fiber;
  if (_setjmp(scheduler_) == 0) setcontext(&context);
}

void Block::resume(Fiber& fiber) {
  running_ = &fiber;
  if (_setjmp(scheduler_) == 0) _longjmp(fiber.place, 1);
}

// Lets fibers [begin, end) go on when all that have not returned wait in this way.
bool Block::release(std::size_t begin, std::size_t end, Wait how) {
  bool any = false;
  for (std::size_t i = begin; i < end; ++i) {
    if (fibers_[i].wait == Wait::k_done) continue;
    if (fibers_[i].wait != how) return false;
    any = true;
  }
  for (std::size_t i = begin; i < end; ++i) {
    if (fibers_[i].wait == how) fibers_[i].wait = Wait::k_none;
  }
  return any;
}

void Block::run(Index block) {
  for (std::size_t i = 0; i < fibers_.size(); ++i) {
    fibers_[i].position = {{static_cast<unsigned>(i), 0}, block};
    fibers_[i].wait = Wait::k_none;
  }
  for (bool moved = true; moved;) {
    moved = false;
    for (Fiber& fiber : fibers_) {
      if (fiber.wait != Wait::k_none) continue;
      resume(fiber);
      moved = true;
    }
    for (std::size_t warp = 0; warp < fibers_.size(); warp += k_lanes) {
      moved = release(warp, std::min(fibers_.size(), warp + k_lanes), Wait::k_warp) || moved;
    }
    moved = release(0, fibers_.size(), Wait::k_block) || moved;
  }
  for (const Fiber& fiber : fibers_) {
    assert(fiber.wait == Wait::k_done && "a thread waits for ever");
    (void)fiber;
  }
}

// A lane's row or column `index` of a 16-bit pair.
float half_of(std::uint32_t pair, int half, float (*widen)(std::uint16_t)) {
  return widen(static_cast<std::uint16_t>(half == 0 ? pair & 0xFFFFU : pair >> 16));
}

// left[row][k] and right[k][column] as the fragments of fragment.h hold them.
float left_at(int row, int k, float (*widen)(std::uint16_t)) {
  const Slot& slot = t_block->lane_of_warp(row % 8 * 4 + k % 8 / 2).slot;
  return half_of(slot.left[row / 8 + k / 8 * 2], k % 2, widen);
}
float right_at(int k, int column, float (*widen)(std::uint16_t)) {
  const Slot& slot = t_block->lane_of_warp(column * 4 + k % 8 / 2).slot;
  return half_of(slot.right[k / 8], k % 2, widen);
}

}  // namespace

const Position& current() {
  return t_block->running().position;
}

std::byte* shared_memory() {
  return t_block->shared();
}

void run_grid(const Grid& grid, const std::function<void()>& kernel) {
  Block block(grid, kernel);
  t_block = &block;
  block.start_all();
  for (unsigned y = 0; y < grid.blocks.y; ++y) {
    for (unsigned x = 0; x < grid.blocks.x; ++x) block.run({x, y});
  }
  t_block = nullptr;
}

void meet_block() {
  t_block->wait(Wait::k_block);
}

float exchange(float value, int source) {
  t_block->running().slot.number = value;
  t_block->wait(Wait::k_warp);
  const float result = t_block->lane_of_warp(source).slot.number;
  t_block->wait(Wait::k_warp);  // nobody passes another before all have read this one
  return result;
}

void multiply_add_fragments(float (&result)[4], const std::uint32_t (&left)[4],
                            std::uint32_t right0, std::uint32_t right1,
                            float (*widen)(std::uint16_t)) {
  Slot& slot = t_block->running().slot;
  std::memcpy(slot.left, left, sizeof(slot.left));
  slot.right[0] = right0;
  slot.right[1] = right1;
  t_block->wait(Wait::k_warp);
  for (int i = 0; i < 4; ++i) {
    const int row = lane() / 4 + i / 2 * 8;
    const int column = lane() % 4 * 2 + i % 2;
    for (int k = 0; k < 16; ++k) result[i] += left_at(row, k, widen) * right_at(k, column, widen);
  }
  t_block->wait(Wait::k_warp);
}

}  // namespace hasten::engine::cuda::emulated
