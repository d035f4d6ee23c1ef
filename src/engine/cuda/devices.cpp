// What devices there are, and why one cannot be used.
#include <cuda_runtime.h>
#include <fmt/format.h>

#include "engine/cuda/cuda_backend.h"
#include "engine/cuda/status.h"

namespace hasten::engine::cuda {
namespace {

std::string obstacle_of(cudaError_t counting, int devices, const CudaStatus& status) {
  if (status.driver_version.empty()) return "there is no NVIDIA driver on this machine";
  if (counting == cudaErrorInsufficientDriver) {
    return fmt::format(
        "the NVIDIA driver is too old: it takes CUDA up to {}, and this build needs {}",
        status.driver_version, status.runtime_version);
  }
  if (counting == cudaErrorNoDevice || (counting == cudaSuccess && devices == 0)) {
    return "there is no GPU that the driver shows to this process (CUDA_VISIBLE_DEVICES may hide "
           "it)";
  }
  if (counting != cudaSuccess)
    return fmt::format("the driver does not answer: {}", cudaGetErrorString(counting));
  return {};
}

std::string obstacle_of(const cudaDeviceProp& properties) {
  const bool old = properties.major < k_oldest_major ||
                   (properties.major == k_oldest_major && properties.minor < k_oldest_minor);
  if (!old) return {};
  return fmt::format("this card has compute capability {}.{}, and the kernels need {}.{}",
                     properties.major, properties.minor, k_oldest_major, k_oldest_minor);
}

// What a context and cuBLASLt take before there is a model.
constexpr std::size_t k_least_free_bytes = std::size_t{512} << 20;

std::string obstacle_of_memory(std::size_t free, std::size_t total) {
  if (free >= k_least_free_bytes) return {};
  return fmt::format("only {} of its {} MiB of memory are free, and {} are needed at least",
                     free >> 20, total >> 20, k_least_free_bytes >> 20);
}

std::string obstacle_of_answer(cudaError_t answer) {
  if (answer == cudaErrorMemoryAllocation) return "other programs use all of its memory";
  return fmt::format("it does not answer: {}", cudaGetErrorString(answer));
}

CudaDevice describe(int number) {
  CudaDevice device;
  device.number = number;
  cudaDeviceProp properties{};
  cudaError_t answer = cudaGetDeviceProperties(&properties, number);
  if (answer == cudaSuccess) {
    device.name = properties.name;
    device.compute_capability = fmt::format("{}.{}", properties.major, properties.minor);
    device.memory_bytes = properties.totalGlobalMem;
    device.obstacle = obstacle_of(properties);
    std::size_t free = 0;
    std::size_t total = 0;
    int before = 0;
    if (device.obstacle.empty()) answer = cudaGetDevice(&before);
    if (device.obstacle.empty() && answer == cudaSuccess) answer = cudaSetDevice(number);
    if (device.obstacle.empty() && answer == cudaSuccess) answer = cudaMemGetInfo(&free, &total);
    cudaSetDevice(before);
    device.free_bytes = free;
    if (device.obstacle.empty() && answer == cudaSuccess)
      device.obstacle = obstacle_of_memory(free, total);
  }
  if (answer != cudaSuccess) {
    cudaGetLastError();
    device.obstacle = obstacle_of_answer(answer);
  }
  return device;
}

}  // namespace

CudaStatus status() {
  CudaStatus status;
  int version = 0;
  if (cudaRuntimeGetVersion(&version) == cudaSuccess)
    status.runtime_version = version_text(version);
  version = 0;
  if (cudaDriverGetVersion(&version) == cudaSuccess && version > 0)
    status.driver_version = version_text(version);
  int count = 0;
  const cudaError_t counting = cudaGetDeviceCount(&count);
  if (counting != cudaSuccess) cudaGetLastError();
  status.obstacle = obstacle_of(counting, count, status);
  if (!status.obstacle.empty()) return status;
  for (int number = 0; number < count; ++number) status.devices.push_back(describe(number));
  return status;
}

}  // namespace hasten::engine::cuda
