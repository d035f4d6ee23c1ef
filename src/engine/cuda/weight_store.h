// Weights on one device, each once however many instructions share it.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <tuple>
#include <vector>

#include "engine/cuda/memory.h"
#include "engine/cuda/number.h"
#include "engine/program.h"

namespace hasten::engine::cuda {

struct Float8Matrix {
  const Float8* values = nullptr;
  const float* scales = nullptr;  // one for each output
};

class WeightStore {
 public:
  // The matrix as [outputs, inputs] of T; scales multiplied in. Throws k_out_of_memory.
  template <typename T>
  const T* matrix(const Weight& weight);
  // The matrix as [outputs, inputs] of float8, and what each output's row is to be multiplied by.
  Float8Matrix float8_matrix(const Weight& weight);
  // A floating tensor as T, in its own shape.
  template <typename T>
  const T* values(const Tensor& tensor);

  // A copy of what was computed from weights.
  template <typename Value>
  const Value* keep(std::span<const Value> values) {
    computed_.push_back(upload(std::as_bytes(values)));
    bytes_ += computed_.back().size();
    return computed_.back().as<Value>();
  }

  std::size_t bytes() const { return bytes_; }

 private:
  // What a tensor is kept as: its memory, transposed or not, and the size of its elements' type with
  // a tag that tells the two 16-bit types apart.
  using Key = std::tuple<const std::byte*, std::size_t, bool, int>;

  template <typename T>
  const T* store(const Key& key, std::span<const float> values);

  std::map<Key, DeviceMemory> kept_;
  std::map<Key, Float8Matrix> float8_;  // in computed_
  std::vector<DeviceMemory> computed_;
  std::vector<Tensor> sources_;  // alive, so that an address means one tensor
  std::size_t bytes_ = 0;
};

}  // namespace hasten::engine::cuda
