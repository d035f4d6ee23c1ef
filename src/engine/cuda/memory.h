// Memory of the device, and memory of the host that the device can read while the host goes on.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <span>
#include <utility>

#include "engine/cuda/status.h"

namespace hasten::engine::cuda {

enum class Place { k_device, k_host };

// Owns `size` bytes; movable. Belongs to the device that is current when it is made.
template <Place place>
class Memory {
 public:
  Memory() = default;
  // Throws k_out_of_memory.
  explicit Memory(std::size_t size) : size_(size) {
    if (size == 0) return;
    void* data = nullptr;
    if constexpr (place == Place::k_device) {
      check(cudaMalloc(&data, size), "there is not enough memory");
    } else {
      check(cudaMallocHost(&data, size), "there is not enough pinned memory");
    }
    data_ = static_cast<std::byte*>(data);
  }
  Memory(Memory&& other) noexcept { swap(other); }
  Memory& operator=(Memory&& other) noexcept {
    Memory(std::move(other)).swap(*this);
    return *this;
  }
  // A failure to give memory back leaves nothing that could be done about it.
  ~Memory() {
    if (data_ == nullptr) return;
    if constexpr (place == Place::k_device) {
      cudaFree(data_);
    } else {
      cudaFreeHost(data_);
    }
  }

  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  template <typename T>
  T* as() const {
    return reinterpret_cast<T*>(data_);
  }

 private:
  void swap(Memory& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }

  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// A stream of the device that is current when it is made, which waits for no other.
class LaneStream {
 public:
  LaneStream() {
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "the GPU gives no stream");
  }
  LaneStream(const LaneStream&) = delete;
  LaneStream& operator=(const LaneStream&) = delete;
  ~LaneStream() { cudaStreamDestroy(stream_); }
  cudaStream_t get() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

using DeviceMemory = Memory<Place::k_device>;
using HostMemory = Memory<Place::k_host>;

// Device memory that holds a copy of `bytes`.
inline DeviceMemory upload(std::span<const std::byte> bytes) {
  DeviceMemory memory(bytes.size());
  if (!bytes.empty()) {
    check(cudaMemcpy(memory.data(), bytes.data(), bytes.size(), cudaMemcpyHostToDevice),
          "weights cannot be copied to the GPU");
  }
  return memory;
}

}  // namespace hasten::engine::cuda
