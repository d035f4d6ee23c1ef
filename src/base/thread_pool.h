// Threads that split one piece of work between them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace hasten {

// Cores that this process may use: the affinity mask, cut down to the cgroup's CPU quota. At least 1.
int available_threads();

// A fixed team of threads; the caller of run() is one of them. Cheap to wake (a team that has just
// worked spins for some microseconds before it sleeps), so that single kernels can be split.
class ThreadPool {
 public:
  // `threads` counts the caller: 1 starts none. Throws k_out_of_memory when they cannot be started.
  explicit ThreadPool(int threads);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  int size() const;

  // Calls task(worker) once for each worker in [0, size()), at once, and returns when all are done.
  // The first exception is rethrown. Not reentrant; one run at a time.
  void run(const std::function<void(int worker)>& task);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The part of [0, count) that falls to `worker` of `workers`, in units of `grain`.
struct Range {
  std::size_t begin;
  std::size_t end;
};
Range share_of(std::size_t count, std::size_t grain, int worker, int workers);

}  // namespace hasten
