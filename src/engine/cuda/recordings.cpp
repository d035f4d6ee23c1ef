#include "engine/cuda/recordings.h"

#include "engine/cuda/status.h"

namespace hasten::engine::cuda {
namespace {

// More than a job's steady state has; beyond, all are dropped and the frequent ones come back.
constexpr std::size_t k_most_recordings = 256;

cudaGraphExec_t record(cudaStream_t stream, const std::function<void()>& enqueue) {
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal),
        "the kernels cannot be recorded");
  cudaGraph_t graph = nullptr;
  try {
    enqueue();
  } catch (...) {
    cudaStreamEndCapture(stream, &graph);
    if (graph != nullptr) cudaGraphDestroy(graph);
    throw;
  }
  check(cudaStreamEndCapture(stream, &graph), "the kernels cannot be recorded");
  cudaGraphExec_t recording = nullptr;
  const cudaError_t status = cudaGraphInstantiate(&recording, graph, 0);
  cudaGraphDestroy(graph);
  check(status, "the recorded kernels cannot be prepared");
  return recording;
}

}  // namespace

void Recordings::run(const SizeClass& size_class, cudaStream_t stream,
                     const std::function<void()>& enqueue) {
  const auto found = recordings_.find(size_class);
  if (found == recordings_.end()) {
    if (recordings_.size() >= k_most_recordings) clear();
    enqueue();
    recordings_.emplace(size_class, nullptr);
    return;
  }
  if (found->second == nullptr) found->second = record(stream, enqueue);
  check(cudaGraphLaunch(found->second, stream), "the recorded kernels cannot be started");
}

void Recordings::clear() {
  for (const auto& [size_class, recording] : recordings_) {
    if (recording != nullptr) cudaGraphExecDestroy(recording);
  }
  recordings_.clear();
}

}  // namespace hasten::engine::cuda
