// Stands in for the toolkit's header of this name: see README.md.
#pragma once

// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the toolkit's names

#define HASTEN_EMULATED_CUDA 1
#define __global__
#define __device__
#define __host__
// The blocks of a thread of the host run one after another, so that one copy serves them all.
#define __shared__ static thread_local

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "engine/cuda/emulation/fibers.h"

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned the_x = 1, unsigned the_y = 1, unsigned the_z = 1)
      : x(the_x), y(the_y), z(the_z) {}
};
struct uint4 {
  unsigned x, y, z, w;
};

#define threadIdx (hasten::engine::cuda::emulated::current().thread)
#define blockIdx (hasten::engine::cuda::emulated::current().block)

namespace hasten::engine::cuda {
using std::max;
using std::min;

inline float __shfl_xor_sync(unsigned /*mask*/, float value, int distance) {
  return emulated::exchange(value, emulated::lane() ^ distance);
}
inline float __shfl_sync(unsigned /*mask*/, float value, int source) {
  return emulated::exchange(value, source);
}
inline void __stwb(uint4* to, uint4 value) {
  *to = value;
}
inline void __syncthreads() {
  emulated::meet_block();
}
}  // namespace hasten::engine::cuda

enum cudaError_t {
  cudaSuccess,
  cudaErrorMemoryAllocation,
  cudaErrorInsufficientDriver,
  cudaErrorNoDevice,
  cudaErrorNoKernelImageForDevice,
  cudaErrorIllegalAddress,
  cudaErrorLaunchFailure,
  cudaErrorECCUncorrectable,
  cudaErrorHardwareStackError,
  cudaErrorDevicesUnavailable,
  cudaErrorLaunchTimeout,
  cudaErrorInvalidValue,
  cudaErrorUnknown,
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost };
enum cudaStreamCaptureMode { cudaStreamCaptureModeThreadLocal };
enum cudaDeviceAttr { cudaDevAttrComputeCapabilityMajor, cudaDevAttrComputeCapabilityMinor };
inline constexpr unsigned cudaStreamNonBlocking = 1;

using cudaStream_t = struct EmulatedStream*;
using cudaEvent_t = struct EmulatedEvent*;
using cudaGraph_t = struct EmulatedGraph*;
using cudaGraphExec_t = struct EmulatedGraph*;

struct cudaDeviceProp {
  char name[256];
  std::size_t totalGlobalMem;
  int major, minor;
};
struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  std::size_t dynamicSmemBytes;
  cudaStream_t stream;
};

cudaError_t cudaMalloc(void** memory, std::size_t size);
cudaError_t cudaFree(void* memory);
cudaError_t cudaMallocHost(void** memory, std::size_t size);
cudaError_t cudaFreeHost(void* memory);
cudaError_t cudaMemset(void* memory, int value, std::size_t size);
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t size, cudaMemcpyKind kind);
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t size, cudaMemcpyKind kind,
                            cudaStream_t stream);
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaEventCreate(cudaEvent_t* event);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end);
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long flags);
cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph);
cudaError_t cudaGetDevice(int* device);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device);
cudaError_t cudaDriverGetVersion(int* version);
cudaError_t cudaRuntimeGetVersion(int* version);
cudaError_t cudaGetLastError();
const char* cudaGetErrorString(cudaError_t error);

namespace hasten::engine::cuda::emulated {
// Runs the work now, or records it where the stream is being captured.
cudaError_t enqueue(cudaStream_t stream, std::function<void()> work);
}  // namespace hasten::engine::cuda::emulated

template <typename... Parameters, typename... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               Arguments... arguments) {
  namespace emulated = hasten::engine::cuda::emulated;
  const emulated::Grid grid{{config->gridDim.x, config->gridDim.y},
                            static_cast<int>(config->blockDim.x),
                            config->dynamicSmemBytes};
  return emulated::enqueue(config->stream,
                           [=] { emulated::run_grid(grid, [=] { kernel(arguments...); }); });
}
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
