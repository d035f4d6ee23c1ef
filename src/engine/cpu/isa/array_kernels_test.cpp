// The kernels for arrays of any graph: error bounds over the whole range of float32, and the scalar kernels' bits.
#include "engine/cpu/isa/array_kernels.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "engine/cpu/isa/table.h"

namespace hasten::engine::cpu {
namespace {

using Floats = std::vector<float>;

constexpr float k_infinity = std::numeric_limits<float>::infinity();

// Every 997th float of both signs, with zeros and infinities.
const Floats& sampled_floats() {
  static const Floats values = [] {
    Floats floats{0.0F, -0.0F, k_infinity, -k_infinity, 1e-45F};
    for (std::uint32_t bits = 0; bits < 0x7F800000U; bits += 997) {
      floats.push_back(std::bit_cast<float>(bits));
      floats.push_back(std::bit_cast<float>(bits | 0x80000000U));
    }
    return floats;
  }();
  return values;
}

std::vector<const KernelTable*> tables() {
  std::vector<const KernelTable*> result;
  for (const TableEntry& entry : kernel_tables()) {
    if (entry.available) result.push_back(entry.table);
  }
  return result;
}

bool same_bits(const Floats& a, const Floats& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

Floats applied(const KernelTable& table, Function function, const Floats& input) {
  Floats output(input.size());
  table.arrays.apply(function, input.data(), output.data(), input.size());
  return output;
}

struct FunctionCase {
  Function function;
  double absolute;
  double relative;
  double (*reference)(double);
};

const FunctionCase k_functions[] = {
    {Function::k_negate, 0, 0, [](double x) { return -x; }},
    {Function::k_absolute, 0, 0, [](double x) { return std::abs(x); }},
    {Function::k_square_root, 0, 6e-8, [](double x) { return std::sqrt(x); }},
    {Function::k_reciprocal, 1e-45, 6e-8, [](double x) { return 1 / x; }},
    {Function::k_exponential, 2e-45, 4e-7, [](double x) { return std::exp(x); }},
    {Function::k_error_function, 6e-7, 0, [](double x) { return std::erf(x); }},
};

TEST(ArrayKernels, ErrorsAreBounded) {
  for (const FunctionCase& tested : k_functions) {
    const Floats output = applied(*tables().front(), tested.function, sampled_floats());
    for (std::size_t i = 0; i < output.size(); ++i) {
      const double exact = tested.reference(static_cast<double>(sampled_floats()[i]));
      const auto rounded = static_cast<float>(exact);
      if (output[i] == rounded || (std::isnan(output[i]) && std::isnan(rounded))) continue;
      ASSERT_LE(std::abs(output[i] - exact), tested.absolute + tested.relative * std::abs(exact))
          << static_cast<int>(tested.function) << " at " << sampled_floats()[i];
    }
  }
}

TEST(ArrayKernels, FunctionsHaveTheSameBits) {
  for (const FunctionCase& tested : k_functions) {
    const Floats expected = applied(scalar_table(), tested.function, sampled_floats());
    for (const KernelTable* table : tables())
      EXPECT_TRUE(same_bits(applied(*table, tested.function, sampled_floats()), expected))
          << table->name;
  }
}

TEST(ArrayKernels, SoftmaxHoldsWhereNumbersEnd) {
  for (const KernelTable* table : tables()) {
    for (const std::size_t width : {1U, 3U, 16U, 40U}) {
      Floats row(width, -3.4e38F);
      row[width - 1] = 5;
      table->arrays.softmax(row.data(), row.data(), 1, width);
      for (std::size_t i = 0; i + 1 < width; ++i) EXPECT_EQ(row[i], 0) << table->name;
      EXPECT_EQ(row[width - 1], 1) << table->name;
      row[0] = std::numeric_limits<float>::quiet_NaN();
      table->arrays.softmax(row.data(), row.data(), 1, width);
      EXPECT_TRUE(std::isnan(row[0])) << table->name;
    }
  }
}

// What a product of the packed operand with rows of the identity gives back.
TEST(ArrayKernels, PackedOperandsMultiplyAsTheyLay) {
  constexpr std::size_t k_depth = 37;
  constexpr std::size_t k_columns = 83;
  Floats values(k_depth * k_columns);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  Floats identity(k_depth * k_depth);
  for (std::size_t k = 0; k < k_depth; ++k) identity[k * k_depth + k] = 1;
  const Floats bias((k_columns + 15) / 16 * 16);
  for (const KernelTable* table : tables()) {
    for (const bool turned : {false, true}) {
      Floats panels(k_depth * ((k_columns + 15) / 16 * 16));
      table->arrays.pack({values.data(), turned ? 1 : k_columns, turned ? k_depth : 1, k_depth,
                          k_columns, panels.data()});
      Floats output(values.size());
      GemmTask task;
      task.left = identity.data();
      task.left_stride = task.rows = task.depth = k_depth;
      task.columns = task.output_stride = k_columns;
      task.panels = panels.data();
      task.bias = bias.data();
      task.output = output.data();
      table->gemm_float32(task, 0, (k_columns + table->panel_columns - 1) / table->panel_columns);
      for (std::size_t k = 0; k < k_depth; ++k) {
        for (std::size_t n = 0; n < k_columns; ++n) {
          const float expected = values[turned ? n * k_depth + k : k * k_columns + n];
          ASSERT_EQ(output[k * k_columns + n], expected) << table->name << ' ' << turned;
        }
      }
    }
  }
}

}  // namespace
}  // namespace hasten::engine::cpu
