#include "engine/cuda/weight_store.h"

#include <algorithm>
#include <cmath>

namespace hasten::engine::cuda {
namespace {

template <typename T>
constexpr int k_tag = 0;
template <>
constexpr int k_tag<BFloat16> = 1;
template <>
constexpr int k_tag<Float16> = 2;
template <>
constexpr int k_tag<Float8> = 3;

std::vector<float> widened(const Tensor& tensor) {
  if (tensor.dtype != DType::k_int8) return to_float32(tensor);
  const std::vector<std::int64_t> integers = to_int64(tensor);
  return {integers.begin(), integers.end()};
}

// [outputs, inputs], scales multiplied in.
std::vector<float> by_output(const Weight& weight) {
  const std::vector<float> stored = widened(weight.values);
  const auto inputs = static_cast<std::size_t>(weight.inputs());
  const auto outputs = static_cast<std::size_t>(weight.outputs());
  std::vector<float> scales(outputs, 1.0F);
  if (weight.scales) scales = to_float32(*weight.scales);
  std::vector<float> result(stored.size());
  for (std::size_t output = 0; output < outputs; ++output) {
    for (std::size_t input = 0; input < inputs; ++input) {
      const std::size_t at = weight.transposed ? output * inputs + input : input * outputs + output;
      result[output * inputs + input] = stored[at] * scales[output];
    }
  }
  return result;
}

}  // namespace

template <typename T>
const T* WeightStore::store(const Key& key, std::span<const float> values) {
  std::vector<T> converted(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) converted[i] = from_float<T>(values[i]);
  DeviceMemory memory = upload(std::as_bytes(std::span<const T>(converted)));
  bytes_ += memory.size();
  return kept_.emplace(key, std::move(memory)).first->second.as<T>();
}

template <typename T>
const T* WeightStore::matrix(const Weight& weight) {
  const Key key{weight.values.bytes.data(), weight.values.bytes.size(), !weight.transposed,
                k_tag<T>};
  if (const auto found = kept_.find(key); found != kept_.end()) return found->second.as<T>();
  sources_.push_back(weight.values);
  return store<T>(key, by_output(weight));
}

Float8Matrix WeightStore::float8_matrix(const Weight& weight) {
  const Key key{weight.values.bytes.data(), weight.values.bytes.size(), !weight.transposed,
                k_tag<Float8>};
  if (const auto found = float8_.find(key); found != float8_.end()) return found->second;
  sources_.push_back(weight.values);
  const std::vector<float> values = by_output(weight);
  const auto inputs = static_cast<std::size_t>(weight.inputs());
  std::vector<Float8> narrow(values.size());
  std::vector<float> scales;
  for (std::size_t row = 0; row < values.size(); row += inputs) {
    float largest = 0;
    for (std::size_t i = 0; i < inputs; ++i)
      largest = std::max(largest, std::fabs(values[row + i]));
    scales.push_back(float8_scale(largest));
    for (std::size_t i = 0; i < inputs; ++i)
      narrow[row + i] = from_float<Float8>(values[row + i] / scales.back());
  }
  return float8_.emplace(key, Float8Matrix{keep<Float8>(narrow), keep<float>(scales)})
      .first->second;
}

template <typename T>
const T* WeightStore::values(const Tensor& tensor) {
  const Key key{tensor.bytes.data(), tensor.bytes.size(), false, k_tag<T>};
  if (const auto found = kept_.find(key); found != kept_.end()) return found->second.as<T>();
  sources_.push_back(tensor);
  return store<T>(key, widened(tensor));
}

template const float* WeightStore::matrix<float>(const Weight&);
template const BFloat16* WeightStore::matrix<BFloat16>(const Weight&);
template const Float16* WeightStore::matrix<Float16>(const Weight&);
template const float* WeightStore::values<float>(const Tensor&);
template const BFloat16* WeightStore::values<BFloat16>(const Tensor&);
template const Float16* WeightStore::values<Float16>(const Tensor&);

}  // namespace hasten::engine::cuda
