// The bfloat16 kernels where this machine has them: against double precision.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "base/half.h"
#include "engine/cpu/isa/operand_layout_for_tests.h"
#include "engine/cpu/isa/tables_for_tests.h"

namespace hasten::engine::cpu {
namespace {

using reference::Operand;
using reference::rounded_up;

// Those that have bfloat16 kernels.
std::vector<const KernelTable*> bfloat16_tables() {
  std::vector<const KernelTable*> tables = tables_for_tests();
  std::erase_if(tables, [](const KernelTable* table) { return table->bfloat16.gemm == nullptr; });
  return tables;
}

std::vector<std::uint16_t> random_bfloat16(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 1);
  std::vector<std::uint16_t> values(size);
  for (std::uint16_t& value : values) value = float_to_bfloat16(normal(random));
  return values;
}

// The kernel's own rounding gives what rounding its float32 results gives.
void expect_rounded(const KernelTable& table, GemmTask task) {
  const std::size_t panel_columns = table.bfloat16.panel_columns;
  const std::size_t panels = (task.columns + panel_columns - 1) / panel_columns;
  const Operand operand(table.bfloat16.layout, 2, task.rows, task.columns, 16);
  for (const Activation activation :
       {Activation::k_none, Activation::k_gelu_erf, Activation::k_relu, Activation::k_tanh}) {
    std::vector<float> exact(task.rows * task.columns);
    std::vector<std::uint16_t> rounded(operand.size);
    task.activation = activation;
    task.short_activation = true;
    task.output = exact.data();
    task.output_stride = task.columns;
    task.rounded_output = nullptr;
    table.bfloat16.gemm(task, 0, panels);
    task.output_stride = operand.stride;
    task.rounded_output = rounded.data();
    table.bfloat16.gemm(task, 0, panels);
    for (std::size_t i = 0; i < exact.size(); ++i) {
      ASSERT_EQ(rounded[operand.place(i / task.columns, i % task.columns)],
                float_to_bfloat16(exact[i]));
    }
  }
}

void expect_product(const KernelTable& table, std::size_t m, std::size_t k, std::size_t n) {
  const std::size_t group = table.bfloat16.group;
  const Operand operand(table.bfloat16.layout, 2, m, k, group);
  const auto left = random_bfloat16(operand.size, 1);
  const auto right = random_bfloat16(k * n, 2);
  std::vector<float> bias(rounded_up(n, 16), 0.5F);
  std::vector<std::uint16_t> packed;
  const std::size_t panel_columns = table.bfloat16.panel_columns;
  for (std::size_t first = 0; first < n; first += panel_columns) {
    const std::size_t width = rounded_up(std::min(panel_columns, n - first), 16);
    for (std::size_t begin = 0; begin < k; begin += group) {
      for (std::size_t column = first; column < first + width; ++column) {
        for (std::size_t i = begin; i < begin + group; ++i) {
          const bool inside = i < k && column < n;
          packed.push_back(inside ? right[i * n + column] : std::uint16_t{0});
        }
      }
    }
  }
  std::vector<float> output(m * n);
  GemmTask task;
  task.left = left.data();
  task.left_stride = operand.stride;
  task.rows = m;
  task.depth = k;
  task.columns = task.output_stride = n;
  task.panels = packed.data();
  task.bias = bias.data();
  task.output = output.data();
  table.bfloat16.gemm(task, 0, (n + panel_columns - 1) / panel_columns);
  for (std::size_t i = 0; i < output.size(); ++i) {
    double sum = 0.5;
    double magnitude = 1;
    for (std::size_t j = 0; j < k; ++j) {
      const double product = double{bfloat16_to_float(left[operand.place(i / n, j)])} *
                             double{bfloat16_to_float(right[j * n + i % n])};
      sum += product;
      magnitude += std::abs(product);
    }
    ASSERT_NEAR(output[i], sum, magnitude * 1e-6) << m << "x" << k << "x" << n;
  }
  expect_rounded(table, task);
}

TEST(Bfloat16Gemm, EqualsDoublePrecisionOfRoundedOperands) {
  const auto tables = bfloat16_tables();
  if (tables.empty()) GTEST_SKIP() << "this processor has no bfloat16 product";
  for (const KernelTable* table : tables) {
    for (const std::size_t m : {1U, 6U, 13U, 25U, 50U}) {
      for (const std::size_t k : {1U, 2U, 7U, 64U, 75U}) {
        for (const std::size_t n : {1U, 33U, 64U, 130U}) expect_product(*table, m, k, n);
      }
    }
    // In parts of the depth, and with more rows than wait for their sums at once.
    expect_product(*table, 7, 3101, 17);
    expect_product(*table, 403, 450, 80);
  }
}

TEST(Bfloat16Round, RoundsToNearestEven) {
  const auto tables = bfloat16_tables();
  if (tables.empty()) GTEST_SKIP() << "this processor has no bfloat16 product";
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0, 100);
  for (const std::size_t width : {1U, 16U, 37U}) {
    constexpr std::size_t k_rows = 19;
    std::vector<float> input(k_rows * width);
    for (float& value : input) value = normal(random);
    input[0] = 65504.0F;
    for (const KernelTable* table : tables) {
      const Operand operand(table->bfloat16.layout, 2, k_rows, width, 64);
      std::vector<std::uint16_t> output(operand.size);
      RoundTask task{.input = input.data(),
                     .rows = 5,
                     .width = width,
                     .output = output.data(),
                     .output_stride = operand.stride};
      table->bfloat16.round(task);
      task.input += task.rows * width;
      task.first_row = task.rows;
      task.rows = k_rows - task.rows;
      table->bfloat16.round(task);
      for (std::size_t row = 0; row < k_rows; ++row) {
        for (std::size_t i = 0; i < width; ++i) {
          EXPECT_EQ(output[operand.place(row, i)], float_to_bfloat16(input[row * width + i]));
        }
      }
    }
  }
}

}  // namespace
}  // namespace hasten::engine::cpu
