// Error bounds of the activations over the whole range of float32, as math.inc states them.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "engine/cpu/isa/table.h"

namespace hasten::engine::cpu {
namespace {

// Every 997th finite float, of both signs, with zeros, denormals and the largest.
const std::vector<float>& sampled_floats() {
  static const std::vector<float> values = [] {
    std::vector<float> floats{0.0F,     -0.0F,     3.4028235e38F, -3.4028235e38F,
                              65504.0F, -65504.0F, 1e-45F,        -1e-45F};
    for (std::uint32_t bits = 0; bits < 0x7F800000U; bits += 997) {
      floats.push_back(std::bit_cast<float>(bits));
      floats.push_back(std::bit_cast<float>(bits | 0x80000000U));
    }
    return floats;
  }();
  return values;
}

std::vector<float> applied(const KernelTable& table, Activation activation, bool short_form,
                           const std::vector<float>& input) {
  std::vector<float> output(input.size());
  table.activate(activation, short_form, input.data(), input.size(), output.data(), input.size(), 1,
                 input.size());
  return output;
}

// The table that decides: all others give its bits (tested below).
const KernelTable& best_table() {
  for (const TableEntry& entry : kernel_tables()) {
    if (entry.available) return *entry.table;
  }
  return scalar_table();
}

template <typename Reference>
void expect_bound(Activation activation, bool short_form, double absolute, double relative,
                  Reference reference) {
  const std::vector<float>& input = sampled_floats();
  const std::vector<float> output = applied(best_table(), activation, short_form, input);
  for (std::size_t i = 0; i < input.size(); ++i) {
    const double expected = reference(static_cast<double>(input[i]));
    const double bound = absolute + relative * std::abs(expected);
    if (output[i] == expected) continue;  // infinities too
    ASSERT_LE(std::abs(output[i] - expected), bound) << "at " << input[i] << " got " << output[i];
  }
}

double gelu_erf(double x) {
  return x / 2 * std::erfc(-x / std::sqrt(2.0));
}

TEST(Activation, GeluErf) {
  expect_bound(Activation::k_gelu_erf, false, 4e-7, 4e-7, gelu_erf);
}

TEST(Activation, ShortGeluErf) {
  expect_bound(Activation::k_gelu_erf, true, 2e-4, 1e-4, gelu_erf);
}

TEST(Activation, GeluTanh) {
  expect_bound(Activation::k_gelu_tanh, false, 3e-7, 5e-7, [](double x) {
    return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
  });
}

TEST(Activation, Tanh) {
  expect_bound(Activation::k_tanh, false, 1e-45, 3e-7, [](double x) { return std::tanh(x); });
}

TEST(Activation, Silu) {
  expect_bound(Activation::k_silu, false, 1e-35, 4e-7,
               [](double x) { return x / (1 + std::exp(-x)); });
}

TEST(Activation, Relu) {
  expect_bound(Activation::k_relu, false, 0, 0, [](double x) { return std::max(x, 0.0); });
}

TEST(Activation, Sigmoid) {
  expect_bound(Activation::k_sigmoid, false, 1e-38, 4e-7,
               [](double x) { return 1 / (1 + std::exp(-x)); });
}

TEST(Activation, Gelu10) {
  expect_bound(Activation::k_gelu_10, false, 4e-7, 4e-7,
               [](double x) { return std::min(gelu_erf(x), 10.0); });
}

TEST(Activation, QuickGelu) {
  const auto quick_gelu = [](double x) { return x / (1 + std::exp(-1.702 * x)); };
  expect_bound(Activation::k_quick_gelu, false, 1e-7, 1e-6, quick_gelu);
}

TEST(Activation, ReluSquared) {
  expect_bound(Activation::k_relu_squared, false, 1e-45, 1e-7, [](double x) {
    const double square = x > 0 ? x * x : 0;
    return square > 3.4028235e38 ? INFINITY : square;
  });
}

TEST(Activation, Relu6) {
  expect_bound(Activation::k_relu6, false, 0, 0, [](double x) { return std::clamp(x, 0.0, 6.0); });
}

TEST(Activation, LeakyRelu) {
  expect_bound(Activation::k_leaky_relu, false, 1e-45, 2e-7,
               [](double x) { return x < 0 ? 0.01 * x : x; });
}

TEST(Activation, Mish) {
  expect_bound(Activation::k_mish, false, 1e-35, 6e-7,
               [](double x) { return x * std::tanh(std::log1p(std::exp(x))); });
}

TEST(Activation, Laplace) {
  expect_bound(Activation::k_laplace, false, 4e-7, 0, [](double x) {
    return std::erfc(-(x - 0.707107) / (0.282095 * std::sqrt(2.0))) / 2;
  });
}

constexpr Activation k_all[] = {
    Activation::k_gelu_erf, Activation::k_gelu_tanh,  Activation::k_relu,
    Activation::k_silu,     Activation::k_tanh,       Activation::k_sigmoid,
    Activation::k_gelu_10,  Activation::k_quick_gelu, Activation::k_relu_squared,
    Activation::k_relu6,    Activation::k_leaky_relu, Activation::k_mish,
    Activation::k_laplace};

TEST(Activation, KeepsNotANumber) {
  const std::vector<float> input(16, NAN);
  for (const Activation activation : k_all) {
    for (const TableEntry& entry : kernel_tables()) {
      if (!entry.available) continue;
      for (const float value : applied(*entry.table, activation, false, input)) {
        EXPECT_TRUE(std::isnan(value)) << entry.table->name;
      }
    }
  }
}

TEST(Activation, GivesTheSameBitsOnEveryInstructionSet) {
  std::vector<float> input;
  for (std::size_t i = 0; i < sampled_floats().size(); i += 17)
    input.push_back(sampled_floats()[i]);
  input.insert(input.end(), {INFINITY, -INFINITY, 1.0F});
  for (const bool short_form : {false, true}) {
    for (const Activation activation : k_all) {
      const auto expected = applied(scalar_table(), activation, short_form, input);
      for (const TableEntry& entry : kernel_tables()) {
        if (!entry.available) continue;
        const auto output = applied(*entry.table, activation, short_form, input);
        for (std::size_t i = 0; i < input.size(); ++i) {
          ASSERT_EQ(std::bit_cast<std::uint32_t>(output[i]),
                    std::bit_cast<std::uint32_t>(expected[i]))
              << entry.table->name << " at " << input[i];
        }
      }
    }
  }
}

}  // namespace
}  // namespace hasten::engine::cpu
