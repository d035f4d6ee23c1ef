// Threads that run one program together: each runs every operation on its own share and waits for
// the others between operations.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>

#include "base/spin_pause.h"
#include "base/thread_pool.h"

namespace hasten::engine::cpu {

// Where `size` threads meet, again and again. Waiting spins, then yields.
class Barrier {
 public:
  explicit Barrier(int size) : size_(size) {}

  void wait() {
    const int phase = phase_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size_) {
      arrived_.store(0, std::memory_order_relaxed);
      phase_.store(phase + 1, std::memory_order_release);
      return;
    }
    for (int spin = 0; phase_.load(std::memory_order_acquire) == phase; ++spin) {
      if (spin < k_spins_before_yield) {
        spin_pause();
      } else {
        std::this_thread::yield();
      }
    }
  }

 private:
  static constexpr int k_spins_before_yield = 4000;
  const int size_;
  alignas(64) std::atomic<int> arrived_{0};
  alignas(64) std::atomic<int> phase_{0};
};

// One thread of a team.
struct Worker {
  int index = 0;
  int count = 1;
  Barrier* barrier = nullptr;  // null for a team of one

  void meet() const {
    if (barrier != nullptr) barrier->wait();
  }
  Range share(std::size_t size, std::size_t grain = 1) const {
    return share_of(size, grain, index, count);
  }
};

}  // namespace hasten::engine::cpu
