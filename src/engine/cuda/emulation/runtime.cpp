// The functions of cuda_runtime.h, on memory of the host.
#include <cuda_runtime.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>
#include <vector>

#include "engine/cuda/emulation/control.h"

// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the toolkit's names

struct EmulatedGraph {
  std::vector<std::function<void()>> work;
};
struct EmulatedEvent {
  float milliseconds = 0;
};
struct EmulatedStream {
  EmulatedGraph* recording = nullptr;
};

namespace emulated = hasten::engine::cuda::emulated;

namespace hasten::engine::cuda::emulated {
namespace {

thread_local int t_device = 0;

std::mutex& mutex() {
  static std::mutex k_mutex;
  return k_mutex;
}

cudaError_t allocate(void** memory, std::size_t size, std::size_t largest) {
  if (size > largest) return cudaErrorMemoryAllocation;
  // Memory of a device is never zero by itself.
  constexpr std::size_t k_alignment = 256;  // as cudaMalloc promises
  *memory = std::aligned_alloc(k_alignment, (size + k_alignment - 1) / k_alignment * k_alignment);
  std::memset(*memory, 0xCD, size);
  const std::lock_guard lock(mutex());
  ++machine().live_allocations;
  machine().contexts.insert(t_device);
  return cudaSuccess;
}

cudaError_t release(void* memory) {
  std::free(memory);
  const std::lock_guard lock(mutex());
  --machine().live_allocations;
  return cudaSuccess;
}

}  // namespace

Machine& machine() {
  static Machine k_machine = machine_of_environment();
  return k_machine;
}

cudaError_t enqueue(cudaStream_t stream, std::function<void()> work) {
  if (stream != nullptr && stream->recording != nullptr) {
    stream->recording->work.push_back(std::move(work));
  } else {
    work();
  }
  return cudaSuccess;
}

}  // namespace hasten::engine::cuda::emulated

cudaError_t cudaMalloc(void** memory, std::size_t size) {
  return emulated::allocate(memory, size, emulated::machine().largest_allocation);
}
cudaError_t cudaFree(void* memory) {
  return emulated::release(memory);
}
cudaError_t cudaMallocHost(void** memory, std::size_t size) {
  return emulated::allocate(memory, size, emulated::machine().largest_pinned);
}
cudaError_t cudaFreeHost(void* memory) {
  return emulated::release(memory);
}

cudaError_t cudaMemset(void* memory, int value, std::size_t size) {
  std::memset(memory, value, size);
  return cudaSuccess;
}
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t size, cudaMemcpyKind /*kind*/) {
  std::memcpy(to, from, size);
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t size, cudaMemcpyKind /*kind*/,
                            cudaStream_t stream) {
  return emulated::enqueue(stream, [=] { std::memcpy(to, from, size); });
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  const emulated::Card& card =
      emulated::machine().cards.at(static_cast<std::size_t>(emulated::t_device));
  *free = card.free;
  *total = card.memory;
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned /*flags*/) {
  *stream = new EmulatedStream();
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete stream;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t /*stream*/) {
  const std::lock_guard lock(emulated::mutex());
  std::size_t& left = emulated::machine().waits_until_lost;
  if (left == 0) return cudaErrorECCUncorrectable;
  if (left != std::size_t(-1)) --left;
  return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = new EmulatedEvent();
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t /*stream*/) {
  event->milliseconds = emulated::machine().milliseconds;
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t /*event*/) {
  return cudaSuccess;
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  *milliseconds = end->milliseconds - start->milliseconds;
  return cudaSuccess;
}
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode /*mode*/) {
  stream->recording = new EmulatedGraph();
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  *graph = stream->recording;
  stream->recording = nullptr;
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long /*flags*/) {
  *executable = new EmulatedGraph(*graph);
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t /*stream*/) {
  for (const auto& work : graph->work) work();
  const std::lock_guard lock(emulated::mutex());
  ++emulated::machine().recordings_replayed;
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph) {
  delete graph;
  return cudaSuccess;
}

cudaError_t cudaGetDevice(int* device) {
  *device = emulated::t_device;
  return cudaSuccess;
}
// Opens a context, as since CUDA 12.
cudaError_t cudaSetDevice(int device) {
  emulated::t_device = device;
  const std::lock_guard lock(emulated::mutex());
  emulated::machine().contexts.insert(device);
  return cudaSuccess;
}
cudaError_t cudaGetDeviceCount(int* count) {
  const emulated::Machine& machine = emulated::machine();
  *count = static_cast<int>(machine.cards.size());
  if (machine.driver_version == 0 || machine.driver_version < machine.runtime_version)
    return cudaErrorInsufficientDriver;
  return machine.cards.empty() ? cudaErrorNoDevice : cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  const emulated::Card& card = emulated::machine().cards.at(static_cast<std::size_t>(device));
  std::strncpy(properties->name, card.name.c_str(), sizeof(properties->name) - 1);
  properties->major = card.major;
  properties->minor = card.minor;
  properties->totalGlobalMem = card.memory;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  const emulated::Card& card = emulated::machine().cards.at(static_cast<std::size_t>(device));
  *value = attribute == cudaDevAttrComputeCapabilityMajor ? card.major : card.minor;
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
  *version = emulated::machine().driver_version;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = emulated::machine().runtime_version;
  return cudaSuccess;
}
cudaError_t cudaGetLastError() {
  return cudaSuccess;
}
const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorECCUncorrectable:
      return "uncorrectable ECC error encountered";
    case cudaErrorInsufficientDriver:
      return "driver version is insufficient for runtime version";
    default:
      return "an error of the emulated machine";
  }
}
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
