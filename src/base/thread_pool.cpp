#include "base/thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <fstream>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/spin_pause.h"

namespace hasten {
namespace {

// CPUs allowed by cgroup v2's "quota period" line; 0 when there is no limit.
int cgroup_quota() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 0;
  char* end = nullptr;
  const double cpus = std::strtod(quota.c_str(), &end) / period;
  return std::max(1, static_cast<int>(std::lround(cpus)));
}

constexpr int k_spins_before_sleep = 2000;

}  // namespace

int available_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int cores = static_cast<int>(std::thread::hardware_concurrency());
  if (sched_getaffinity(0, sizeof(set), &set) == 0) cores = CPU_COUNT(&set);
  const int quota = cgroup_quota();
  if (quota > 0) cores = std::min(cores, quota);
  return std::max(1, cores);
}

struct ThreadPool::State {
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<std::size_t> generation{0};  // changes when there is work, or the end
  std::atomic<int> unfinished{0};
  bool stopping = false;
  const std::function<void(int)>* task = nullptr;
  std::mutex error_mutex;
  std::exception_ptr error;

  void call(int worker) {
    try {
      (*task)(worker);
    } catch (...) {
      const std::lock_guard lock(error_mutex);
      if (!error) error = std::current_exception();
    }
  }

  void wait_for_change(std::size_t seen) {
    for (int spin = 0; spin < k_spins_before_sleep; ++spin) {
      if (generation.load(std::memory_order_acquire) != seen) return;
      spin_pause();
    }
    std::unique_lock lock(mutex);
    wake.wait(lock, [&] { return generation.load(std::memory_order_acquire) != seen; });
  }

  void work(int worker) {
    for (std::size_t seen = 0;; ++seen) {
      wait_for_change(seen);
      if (stopping) return;
      call(worker);
      unfinished.fetch_sub(1, std::memory_order_acq_rel);
    }
  }

  void announce() {
    const std::lock_guard lock(mutex);
    generation.fetch_add(1, std::memory_order_acq_rel);
    wake.notify_all();
  }

  void stop() {
    stopping = true;
    announce();
    for (std::thread& thread : threads) thread.join();
  }
};

ThreadPool::ThreadPool(int threads) : state_(std::make_unique<State>()) {
  try {
    for (int worker = 1; worker < threads; ++worker) {
      state_->threads.emplace_back([state = state_.get(), worker] { state->work(worker); });
    }
  } catch (const std::system_error& error) {
    state_->stop();
    fail(ErrorCode::k_out_of_memory, std::string("threads cannot be started: ") + error.what(), {},
         {}, "Use fewer threads.");
  }
}

ThreadPool::~ThreadPool() {
  state_->stop();
}

int ThreadPool::size() const {
  return static_cast<int>(state_->threads.size()) + 1;
}

void ThreadPool::run(const std::function<void(int)>& task) {
  if (state_->threads.empty()) return task(0);
  state_->task = &task;
  state_->unfinished.store(size() - 1, std::memory_order_release);
  state_->announce();
  state_->call(0);
  for (int spin = 0; state_->unfinished.load(std::memory_order_acquire) != 0; ++spin) {
    if (spin < k_spins_before_sleep) {
      spin_pause();
    } else {
      std::this_thread::yield();
    }
  }
  if (state_->error) std::rethrow_exception(std::exchange(state_->error, nullptr));
}

Range share_of(std::size_t count, std::size_t grain, int worker, int workers) {
  const std::size_t units = (count + grain - 1) / grain;
  const auto index = static_cast<std::size_t>(worker);
  const auto total = static_cast<std::size_t>(workers);
  return {std::min(count, units * index / total * grain),
          std::min(count, units * (index + 1) / total * grain)};
}

}  // namespace hasten
