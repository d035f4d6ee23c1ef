// Recordings: CUDA graphs of a program, one for each size class that has been seen.
#pragma once

#include <cuda_runtime.h>

#include <functional>
#include <map>

#include "engine/cuda/device_batch.h"

namespace hasten::engine::cuda {

// Replaying a recording starts all its kernels by one call. Belongs to one lane.
class Recordings {
 public:
  Recordings() = default;
  Recordings(const Recordings&) = delete;
  Recordings& operator=(const Recordings&) = delete;
  ~Recordings() { clear(); }

  // Enqueues on `stream` what `enqueue` does: by calling it the first time that a class is seen, so that nothing is loaded
  // while it is recorded and nothing is recorded that does not come back; then by a recording of it.
  void run(const SizeClass& size_class, cudaStream_t stream, const std::function<void()>& enqueue);
  // Forgets all, since the memory they use has moved.
  void clear();
  std::size_t size() const { return recordings_.size(); }

 private:
  std::map<SizeClass, cudaGraphExec_t> recordings_;  // null: seen once
};

}  // namespace hasten::engine::cuda
