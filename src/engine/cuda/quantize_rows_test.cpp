#include "engine/cuda/quantize_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "base/float8.h"
#include "engine/cuda/memory.h"

namespace hasten::engine::cuda {
namespace {

struct Quantized {
  std::vector<Float8> values;
  std::vector<float> scales;
};

template <typename T>
std::vector<T> download(const DeviceMemory& memory) {
  std::vector<T> values(memory.size() / sizeof(T));
  check(cudaMemcpy(values.data(), memory.data(), memory.size(), cudaMemcpyDeviceToHost),
        "a test cannot read");
  return values;
}

Quantized quantize(const std::vector<BFloat16>& input, std::size_t width, std::int32_t rows,
                   std::size_t row_bound) {
  const DeviceMemory numbers = upload(std::as_bytes(std::span<const BFloat16>(input)));
  const DeviceMemory count = upload(std::as_bytes(std::span<const std::int32_t>(&rows, 1)));
  const DeviceMemory values(row_bound * width);
  const DeviceMemory scales(row_bound * sizeof(float));
  quantize_rows({numbers.as<BFloat16>(), width, count.as<std::int32_t>(), values.as<Float8>(),
                 scales.as<float>()},
                row_bound, nullptr);
  check(cudaStreamSynchronize(nullptr), "a test cannot wait");
  return {download<Float8>(values), download<float>(scales)};
}

// Rows of every magnitude; beside them, what is rounded to the nearest of 256 numbers times the scale.
TEST(QuantizeRows, AreTheNearestNumbersToTheDoublePrecisionReference) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  for (const std::size_t width : {1, 16, 31, 100, 768}) {
    constexpr std::size_t k_rows = 9;
    std::vector<BFloat16> input;
    for (std::size_t row = 0; row < k_rows; ++row) {
      const float size = std::pow(10.0F, static_cast<float>(row) * 8 - 28);
      for (std::size_t i = 0; i < width; ++i)
        input.push_back(from_float<BFloat16>(normal(random) * size));
    }
    const Quantized result = quantize(input, width, k_rows, k_rows + 3);
    for (std::size_t row = 0; row < k_rows; ++row) {
      double largest = 1e-30;
      for (std::size_t i = 0; i < width; ++i)
        largest = std::max(largest, std::fabs(double{to_float(input[row * width + i])}));
      const double scale = largest / 448;
      EXPECT_NEAR(result.scales[row], scale, scale * 1e-6);
      for (std::size_t i = 0; i < width; ++i) {
        const double expected = double{to_float(input[row * width + i])};
        const double got = double{float8_to_float(result.values[row * width + i].bits)} *
                           double{result.scales[row]};
        // Half a step: a sixteenth of the number, or of the smallest normal one.
        EXPECT_NEAR(got, expected, std::max(std::fabs(expected) / 16, scale * 0x1p-10) * 1.00001)
            << row << " " << i;
      }
    }
  }
}

TEST(QuantizeRows, KeepWhatIsNotFiniteAndZeros) {
  constexpr std::size_t k_width = 40;
  constexpr float k_infinity = std::numeric_limits<float>::infinity();
  std::vector<BFloat16> input(3 * k_width, from_float<BFloat16>(0));
  input[k_width + 3] = from_float<BFloat16>(k_infinity);
  input[2 * k_width + 7] = from_float<BFloat16>(std::numeric_limits<float>::quiet_NaN());
  input[2 * k_width + 8] = from_float<BFloat16>(1);
  const Quantized result = quantize(input, k_width, 3, 3);
  for (std::size_t i = 0; i < k_width; ++i)
    EXPECT_EQ(float8_to_float(result.values[i].bits) * result.scales[0], 0);
  EXPECT_FALSE(std::isfinite(result.scales[1]));
  EXPECT_TRUE(std::isnan(float8_to_float(result.values[2 * k_width + 7].bits)));
}

}  // namespace
}  // namespace hasten::engine::cuda
