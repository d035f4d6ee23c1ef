// The int8 kernels of every instruction set that this machine has: exact sums, bounds of the
// quantising, extreme values, equal bits.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "engine/cpu/isa/hadamard_for_tests.h"
#include "engine/cpu/isa/operand_layout_for_tests.h"
#include "engine/cpu/isa/tables_for_tests.h"

namespace hasten::engine::cpu {
namespace {

using reference::Operand;
using reference::rounded_up;

// Values less `offset` as the kernels of a table store activations or weights.
template <typename Byte>
std::vector<std::byte> stored(const std::vector<Byte>& values, std::size_t element_bytes,
                              int offset = 0) {
  std::vector<std::byte> bytes(values.size() * element_bytes);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto word = static_cast<std::int16_t>(values[i] - offset);
    std::memcpy(&bytes[i * element_bytes], &word, element_bytes);
  }
  return bytes;
}

struct Int8Case {
  std::size_t rows, depth, columns;
  std::vector<std::uint8_t> left;
  std::vector<std::int8_t> right;  // [depth][columns]
  std::vector<RowScale> row_scales;
  std::vector<float> column_scales, column_sums, bias;

  Int8Case(std::size_t m, std::size_t k, std::size_t n, bool extreme, unsigned seed)
      : rows(m), depth(k), columns(n), left(m * k), right(k * n), row_scales(m) {
    std::mt19937 random(seed);
    const auto between = [&](int low, int high) {
      return std::uniform_int_distribution<int>(low, high)(random);
    };
    for (auto& value : left) value = static_cast<std::uint8_t>(extreme ? 255 : between(0, 255));
    for (auto& value : right) {
      const int sign = between(0, 3) == 0 ? -1 : 1;
      value = static_cast<std::int8_t>(extreme ? sign * 127 : between(-127, 127));
    }
    const std::size_t padded = rounded_up(n, 16);
    column_scales.resize(padded);
    column_sums.resize(padded);
    bias.resize(padded);
    for (std::size_t i = 0; i < n; ++i) {
      column_scales[i] = 0.001F * static_cast<float>(between(1, 100));
      bias[i] = 0.1F * static_cast<float>(between(-100, 100));
      int sum = 0;
      for (std::size_t j = 0; j < k; ++j) sum += right[j * n + i];
      column_sums[i] = column_scales[i] * static_cast<float>(sum);
    }
    for (RowScale& row : row_scales) {
      row = {0.001F * static_cast<float>(between(1, 50)),
             -0.01F * static_cast<float>(between(0, 300))};
    }
  }

  std::vector<std::byte> packed(const KernelTable& table) const {
    const std::size_t group = table.int8.group;
    std::vector<std::int8_t> values;
    const std::size_t panel_columns = table.int8.panel_columns;
    for (std::size_t first = 0; first < columns; first += panel_columns) {
      const std::size_t width = rounded_up(std::min(panel_columns, columns - first), 16);
      for (std::size_t k = 0; k < rounded_up(depth, group); k += group) {
        for (std::size_t column = first; column < first + width; ++column) {
          for (std::size_t i = k; i < k + group; ++i) {
            const bool inside = i < depth && column < columns;
            values.push_back(inside ? right[i * columns + column] : std::int8_t{0});
          }
        }
      }
    }
    return stored(values, table.int8.element_bytes);
  }

  std::vector<float> run(const KernelTable& table) const {
    const Operand operand(table.int8.layout, table.int8.element_bytes, rows, depth, 8);
    std::vector<std::uint8_t> padded(operand.size, 99);  // what lies past the depth must not matter
    for (std::size_t i = 0; i < left.size(); ++i)
      padded[operand.place(i / depth, i % depth)] = left[i];
    const auto left_bytes = stored(padded, table.int8.element_bytes, table.int8.offset);
    const auto panels = packed(table);
    std::vector<float> output(rows * columns);
    GemmTask task;
    task.left = left_bytes.data();
    task.left_stride = operand.stride;
    task.rows = rows;
    task.depth = depth;
    task.columns = task.output_stride = columns;
    task.panels = panels.data();
    task.bias = bias.data();
    task.column_scales = column_scales.data();
    task.column_sums = column_sums.data();
    task.row_scales = row_scales.data();
    task.output = output.data();
    const std::size_t panel_columns = table.int8.panel_columns;
    table.int8.gemm(task, 0, (columns + panel_columns - 1) / panel_columns);
    return output;
  }

  // The sum of integers is exact; what follows it is rounded as the kernel's header says.
  float expected(std::size_t row, std::size_t column) const {
    std::int32_t sum = 0;
    for (std::size_t k = 0; k < depth; ++k) {
      sum += left[row * depth + k] * right[k * columns + column];
    }
    const RowScale& scale = row_scales[row];
    return std::fma(static_cast<float>(sum) * scale.scale, column_scales[column],
                    std::fma(scale.minimum, column_sums[column], bias[column]));
  }
};

void expect_exact_sums(const Int8Case& c) {
  for (const KernelTable* table : tables_for_tests()) {
    const auto output = c.run(*table);
    for (std::size_t i = 0; i < output.size(); ++i) {
      ASSERT_EQ(output[i], c.expected(i / c.columns, i % c.columns))
          << table->name << " " << c.rows << "x" << c.depth << "x" << c.columns;
    }
  }
}

TEST(Int8Gemm, SumsExactlyOnEveryInstructionSet) {
  unsigned seed = 1;
  for (const bool extreme : {false, true}) {
    for (const std::size_t m : {1U, 5U, 6U, 13U, 25U, 50U}) {
      for (const std::size_t k : {1U, 2U, 3U, 4U, 30U, 65U, 128U}) {
        for (const std::size_t n : {1U, 16U, 33U, 64U, 100U, 130U}) {
          expect_exact_sums({m, k, n, extreme, ++seed});
        }
      }
    }
  }
}

// More rows than wait for their sums at once, and a depth that is summed in parts.
TEST(Int8Gemm, SumsManyRowsAndDeepOnes) {
  for (const std::size_t k : {640U, 768U, 770U, 1100U}) expect_exact_sums({403, k, 80, false, 9});
}

TEST(Int8Gemm, DoesNotSaturateAtTheLargestValues) {
  expect_exact_sums({3, 4096, 5, true, 7});
}

struct Quantized {
  std::vector<int> values;
  std::vector<RowScale> scales;
};

Quantized quantized(const KernelTable& table, const std::vector<float>& input, std::size_t rows,
                    bool hadamard = false) {
  const std::size_t width = input.size() / rows;
  const std::size_t bytes = table.int8.element_bytes;
  const Operand operand(table.int8.layout, bytes, rows, width, 64);
  std::vector<std::byte> output(operand.size * bytes);
  Quantized result{{}, std::vector<RowScale>(rows)};
  QuantizeTask task{.input = input.data(),
                    .rows = rows - rows / 2,
                    .width = width,
                    .hadamard = hadamard,
                    .output = output.data(),
                    .output_stride = operand.stride,
                    .scales = result.scales.data()};
  table.int8.quantize(task);
  task.input += task.rows * width;
  task.first_row = task.rows;
  task.scales += task.rows;
  task.rows = rows / 2;
  table.int8.quantize(task);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < width; ++i) {
      std::uint16_t value = 0;
      std::memcpy(&value, &output[operand.place(row, i) * bytes], bytes);
      // The bits of a byte wrap around.
      result.values.push_back((value + table.int8.offset) % (bytes == 1 ? 256 : 65536));
    }
  }
  return result;
}

std::vector<float> random_row(std::size_t width, float center, float spread, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(center, spread);
  std::vector<float> row(width);
  for (float& value : row) value = normal(random);
  return row;
}

TEST(Quantize, IsWithinHalfAStep) {
  unsigned seed = 0;
  for (const std::size_t width : {1U, 2U, 15U, 16U, 17U, 63U, 64U, 65U, 100U, 384U}) {
    for (const float center : {0.0F, 5.0F, -300.0F}) {
      const auto row = random_row(width, center, 2.0F, ++seed);
      for (const KernelTable* table : tables_for_tests()) {
        const Quantized q = quantized(*table, row, 1);
        for (std::size_t i = 0; i < width; ++i) {
          ASSERT_GE(q.values[i], 0);
          ASSERT_LE(q.values[i], 255);
          const double meant = q.scales[0].minimum + double{q.scales[0].scale} * q.values[i];
          ASSERT_NEAR(meant, row[i], q.scales[0].scale * 0.51 + std::abs(row[i]) * 1e-6)
              << table->name;
        }
      }
    }
  }
}

TEST(Quantize, MultipliesByTheHadamardMatrixFirst) {
  unsigned seed = 90;
  for (const std::size_t width : {1U, 15U, 16U, 40U, 100U, 128U, 240U, 312U, 384U}) {
    const auto row = random_row(width, 0.5F, 2.0F, ++seed);
    const std::vector<double> hadamard = reference::hadamard_matrix(width);
    for (const KernelTable* table : tables_for_tests()) {
      const Quantized q = quantized(*table, row, 1, true);
      for (std::size_t i = 0; i < width; ++i) {
        double product = 0;
        for (std::size_t k = 0; k < width; ++k) product += row[k] * hadamard[k * width + i];
        const double meant = q.scales[0].minimum + double{q.scales[0].scale} * q.values[i];
        ASSERT_NEAR(meant, std::sqrt(128.0) * product, q.scales[0].scale * 0.51 + 1e-4)
            << table->name << " " << width;
      }
    }
  }
}

TEST(Quantize, MakesAFlatRowOfItsMinimum) {
  for (const float value : {0.0F, -3.5F, 65504.0F, 1e-40F}) {
    for (const KernelTable* table : tables_for_tests()) {
      const Quantized q = quantized(*table, std::vector<float>(20, value), 1);
      EXPECT_EQ(q.scales[0].scale, 0.0F);
      EXPECT_EQ(q.scales[0].minimum, value);
      EXPECT_EQ(q.values, std::vector<int>(20, 0));
    }
  }
}

TEST(Quantize, GivesTheSameBytesOnEveryInstructionSet) {
  unsigned seed = 40;
  for (const std::size_t width : {3U, 48U, 130U, 768U, 8192U}) {
    for (const float spread : {1.0F, 65504.0F, 1e-20F}) {
      constexpr std::size_t k_rows = 21;
      const auto rows = random_row(k_rows * width, 0.3F * spread, spread, ++seed);
      for (const bool hadamard : {false, true}) {
        const Quantized expected = quantized(scalar_table(), rows, k_rows, hadamard);
        for (const KernelTable* table : tables_for_tests()) {
          const Quantized q = quantized(*table, rows, k_rows, hadamard);
          EXPECT_EQ(q.values, expected.values) << table->name;
          const std::size_t bytes = k_rows * sizeof(RowScale);
          EXPECT_EQ(std::memcmp(q.scales.data(), expected.scales.data(), bytes), 0);
        }
      }
    }
  }
}

struct QuantizedColumns {
  std::vector<std::int8_t> values;
  std::vector<float> scales;
};

QuantizedColumns quantized_columns(const KernelTable& table, const std::vector<float>& input,
                                   std::size_t columns) {
  QuantizedColumns result{std::vector<std::int8_t>(input.size()), std::vector<float>(columns)};
  table.quantize_columns(
      {input.data(), input.size() / columns, columns, result.values.data(), result.scales.data()});
  return result;
}

TEST(QuantizeColumns, HasNoMoreErrorThanTheLargestValueAsksFor) {
  for (const std::size_t columns : {1U, 16U, 21U}) {
    const auto input = random_row(50 * columns, 0, 0.1F, static_cast<unsigned>(columns));
    for (const KernelTable* table : tables_for_tests()) {
      const auto q = quantized_columns(*table, input, columns);
      for (std::size_t n = 0; n < columns; ++n) {
        double largest = 0;
        for (std::size_t k = 0; k < 50; ++k)
          largest = std::max<double>(largest, std::abs(input[k * columns + n]));
        double error = 0;
        double plain_error = 0;
        for (std::size_t k = 0; k < 50; ++k) {
          const double x = input[k * columns + n];
          const double plain = largest / 127 * std::round(x / (largest / 127));
          EXPECT_NE(q.values[k * columns + n], -128);
          error += std::pow(x - double{q.scales[n]} * q.values[k * columns + n], 2);
          plain_error += std::pow(x - plain, 2);
        }
        EXPECT_LE(error, plain_error * 1.0001) << table->name;
      }
    }
  }
}

TEST(QuantizeColumns, GivesTheSameBytesOnEveryInstructionSet) {
  for (const float spread : {1.0F, 1e-30F, 65504.0F}) {
    auto input = random_row(40 * 37, 0, spread, 5);
    for (std::size_t k = 0; k < 40; ++k) input[k * 37 + 4] = 0;  // a column of zeros
    const auto expected = quantized_columns(scalar_table(), input, 37);
    EXPECT_GT(expected.scales[4], 0);
    for (const KernelTable* table : tables_for_tests()) {
      const auto q = quantized_columns(*table, input, 37);
      EXPECT_EQ(q.values, expected.values) << table->name;
      EXPECT_EQ(q.scales, expected.scales) << table->name;
    }
  }
}

}  // namespace
}  // namespace hasten::engine::cpu
