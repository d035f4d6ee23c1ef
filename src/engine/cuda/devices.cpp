#include "engine/cuda/devices.h"

#include <cuda_runtime.h>
#include <fmt/format.h>

#include "engine/cuda/cuda_backend.h"
#include "engine/cuda/status.h"

namespace hasten::engine::cuda {
namespace {

std::string obstacle_of(cudaError_t counting, int devices, const Driver& driver) {
  if (driver.driver_version.empty()) return "there is no NVIDIA driver on this machine";
  if (counting == cudaErrorInsufficientDriver) {
    return fmt::format(
        "the NVIDIA driver is too old: it takes CUDA up to {}, and this build needs {}",
        driver.driver_version, driver.runtime_version);
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

}  // namespace

Driver ask_driver() {
  Driver driver;
  int version = 0;
  if (cudaRuntimeGetVersion(&version) == cudaSuccess)
    driver.runtime_version = version_text(version);
  version = 0;
  if (cudaDriverGetVersion(&version) == cudaSuccess && version > 0)
    driver.driver_version = version_text(version);
  const cudaError_t counting = cudaGetDeviceCount(&driver.device_count);
  if (counting != cudaSuccess) cudaGetLastError();
  driver.obstacle = obstacle_of(counting, driver.device_count, driver);
  return driver;
}

CudaDevice ask_device(int number) {
  CudaDevice device;
  device.number = number;
  cudaDeviceProp properties{};
  cudaError_t answer = cudaGetDeviceProperties(&properties, number);
  if (answer == cudaSuccess) {
    device.name = properties.name;
    device.compute_capability = fmt::format("{}.{}", properties.major, properties.minor);
    device.memory_bytes = properties.totalGlobalMem;
    device.obstacle = obstacle_of(properties);
    if (!device.obstacle.empty()) return device;
    std::size_t total = 0;
    std::size_t free = 0;
    answer = cudaSetDevice(number);
    if (answer == cudaSuccess) answer = cudaMemGetInfo(&free, &total);
    device.free_bytes = free;
    if (answer == cudaSuccess) device.obstacle = obstacle_of_memory(free, total);
  }
  if (answer != cudaSuccess) {
    cudaGetLastError();
    device.obstacle = obstacle_of_answer(answer);
  }
  return device;
}

void use_device(int number) {
  check(cudaSetDevice(number), "the GPU cannot be chosen");
}

CudaStatus status() {
  const Driver driver = ask_driver();
  CudaStatus status{{}, driver.runtime_version, driver.driver_version, driver.obstacle};
  if (!status.obstacle.empty()) return status;
  for (int number = 0; number < driver.device_count; ++number)
    status.devices.push_back(ask_device(number));
  return status;
}

}  // namespace hasten::engine::cuda
