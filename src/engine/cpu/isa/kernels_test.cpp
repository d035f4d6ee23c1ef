// Every kernel of every instruction set that this machine has: against double precision, and bit by
// bit against the scalar kernels.
#include "engine/cpu/isa/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "engine/cpu/isa/attention_case_for_tests.h"
#include "engine/cpu/isa/table.h"
#include "engine/cpu/reference_for_tests.h"

namespace hasten::engine::cpu {
namespace {

using Floats = std::vector<float>;

std::vector<const KernelTable*> tables() {
  std::vector<const KernelTable*> result;
  for (const TableEntry& entry : kernel_tables()) {
    if (entry.available) result.push_back(entry.table);
  }
  return result;
}

Floats random_floats(std::size_t size, unsigned seed, float scale = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, scale);
  Floats values(size);
  for (float& value : values) value = normal(random);
  return values;
}

// Equal bits, so that NaN equals itself and 0 differs from -0.
bool same_bits(const Floats& a, const Floats& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

struct Shape {
  std::size_t rows, depth, columns;
};

// No multiples of any tile, and each side of every boundary.
std::vector<Shape> gemm_shapes() {
  return {{1, 1, 1},    {1, 7, 3},     {2, 5, 16},   {5, 64, 17},   {6, 33, 64},
          {7, 20, 65},  {11, 31, 80},  {12, 8, 31},  {13, 100, 33}, {17, 3, 47},
          {25, 48, 63}, {29, 65, 128}, {31, 2, 130}, {64, 16, 200}};
}

Floats pack(const Floats& right, const Shape& shape, std::size_t panel_columns) {
  Floats packed;
  for (std::size_t first = 0; first < shape.columns; first += panel_columns) {
    const std::size_t end = std::min(shape.columns, first + panel_columns);
    for (std::size_t k = 0; k < shape.depth; ++k) {
      for (std::size_t n = first; n < end; ++n) packed.push_back(right[k * shape.columns + n]);
      packed.resize((packed.size() + 15) / 16 * 16);
    }
  }
  return packed;
}

struct GemmCase {
  Shape shape;
  Floats left, right, bias, residual;
  Activation activation = Activation::k_none;
  bool has_residual = false;

  GemmCase(Shape s, unsigned seed, float scale = 1)
      : shape(s),
        left(random_floats(s.rows * s.depth, seed, scale)),
        right(random_floats(s.depth * s.columns, seed + 1, 0.3F)),
        bias(random_floats((s.columns + 15) / 16 * 16, seed + 2)),
        residual(random_floats(s.rows * s.columns, seed + 3)) {}

  Floats run(const KernelTable& table) const {
    const Floats packed = pack(right, shape, table.panel_columns);
    Floats output(shape.rows * shape.columns + 1,
                  -77.0F);  // one more, to catch a write past the end
    GemmTask task;
    task.left = left.data();
    task.left_stride = task.depth = shape.depth;
    task.rows = shape.rows;
    task.columns = task.output_stride = task.residual_stride = shape.columns;
    task.panels = packed.data();
    task.bias = bias.data();
    task.activation = activation;
    if (has_residual) task.residual = residual.data();
    task.output = output.data();
    table.gemm_float32(task, 0, (shape.columns + table.panel_columns - 1) / table.panel_columns);
    EXPECT_EQ(output.back(), -77.0F);
    output.pop_back();
    return output;
  }
};

using reference::activated;

constexpr Activation k_activations[] = {Activation::k_none,      Activation::k_gelu_erf,
                                        Activation::k_gelu_tanh, Activation::k_relu,
                                        Activation::k_silu,      Activation::k_tanh};

TEST(FloatGemm, EqualsDoublePrecision) {
  unsigned seed = 1;
  for (const Shape& shape : gemm_shapes()) {
    for (const Activation activation : k_activations) {
      GemmCase c(shape, ++seed);
      c.activation = activation;
      c.has_residual = seed % 2 == 0;
      for (const KernelTable* table : tables()) {
        const Floats output = c.run(*table);
        for (std::size_t i = 0; i < output.size(); ++i) {
          const std::size_t row = i / shape.columns;
          const std::size_t column = i % shape.columns;
          double sum = c.bias[column];
          double magnitude = std::abs(sum) + 1;
          for (std::size_t k = 0; k < shape.depth; ++k) {
            const double product =
                double{c.left[row * shape.depth + k]} * double{c.right[k * shape.columns + column]};
            sum += product;
            magnitude += std::abs(product);
          }
          const double expected =
              activated(activation, sum) + (c.has_residual ? c.residual[i] : 0.0F);
          ASSERT_NEAR(output[i], expected, magnitude * 1e-6)
              << table->name << " " << shape.rows << "x" << shape.depth << "x" << shape.columns;
        }
      }
    }
  }
}

TEST(FloatGemm, GivesTheSameBitsOnEveryInstructionSet) {
  unsigned seed = 100;
  for (const Shape& shape : gemm_shapes()) {
    // 65504 squared is within float32; 1e-20 squared is denormal.
    for (const float scale : {1.0F, 65504.0F, 1e-20F, 1e-38F}) {
      GemmCase c(shape, ++seed, scale);
      c.activation = k_activations[seed % std::size(k_activations)];
      c.has_residual = seed % 3 == 0;
      const Floats expected = c.run(scalar_table());
      for (const KernelTable* table : tables()) {
        EXPECT_TRUE(same_bits(c.run(*table), expected)) << table->name << " seed " << seed;
      }
    }
  }
}

TEST(FloatGemm, ComputesOnlyThePanelsAskedFor) {
  for (const KernelTable* table : tables()) {
    const std::size_t width = table->panel_columns;
    GemmCase c({3, 9, 3 * width}, 7);
    const Floats expected = c.run(*table);
    const Floats packed = pack(c.right, c.shape, width);
    Floats output(expected.size(), 5.0F);
    GemmTask task;
    task.left = c.left.data();
    task.left_stride = task.depth = 9;
    task.rows = 3;
    task.columns = task.output_stride = 3 * width;
    task.panels = packed.data();
    task.bias = c.bias.data();
    task.output = output.data();
    table->gemm_float32(task, 1, 2);
    for (std::size_t i = 0; i < output.size(); ++i) {
      const bool inside = i % (3 * width) / width == 1;
      EXPECT_EQ(output[i], inside ? expected[i] : 5.0F) << table->name;
    }
  }
}

TEST(FloatGemm, TakesADeepProductInPartsWithoutAnyDifference) {
  // Deeper than what a panel may be in the cache, and more rows than go together.
  for (const KernelTable* table : tables()) {
    GemmCase c({195, 1701, 3}, 50);
    c.has_residual = true;
    const Floats output = c.run(*table);
    for (const std::size_t i : {std::size_t{0}, std::size_t{100}, output.size() - 1}) {
      float sum = c.bias[i % 3];
      for (std::size_t k = 0; k < 1701; ++k) {
        sum = std::fma(c.left[i / 3 * 1701 + k], c.right[k * 3 + i % 3], sum);
      }
      EXPECT_EQ(output[i], sum + c.residual[i]) << table->name;
    }
  }
}

using reference::AttentionCase;

std::vector<AttentionCase> attention_cases(float spread) {
  std::vector<AttentionCase> cases;
  unsigned seed = 500;
  for (const std::size_t head_size : {1U, 5U, 16U, 26U, 32U, 64U, 70U, 130U}) {
    for (const std::size_t length : {1U, 2U, 13U, 16U, 17U, 24U, 33U, 50U, 64U, 65U, 130U}) {
      cases.emplace_back(length, length, head_size, seed += 3, spread);
      cases.emplace_back(1, length, head_size, seed += 3, spread);
    }
  }
  return cases;
}

Floats attend(const AttentionCase& c, const KernelTable& table) {
  return c.run(table.attend, attention_scratch(c.keys, c.head_size));
}

TEST(Attend, EqualsDoublePrecision) {
  for (const AttentionCase& c : attention_cases(1)) {
    const std::vector<double> expected = c.expected([](double value) { return value; });
    for (const KernelTable* table : tables()) {
      const Floats output = attend(c, *table);
      for (std::size_t i = 0; i < output.size(); ++i) {
        ASSERT_NEAR(output[i], expected[i], 1e-5)
            << table->name << " " << c.queries << " " << c.keys << " " << c.head_size;
      }
    }
  }
}

TEST(Attend, GivesTheSameBitsOnEveryInstructionSet) {
  for (const float spread : {1.0F, 30.0F, 1e-20F}) {
    for (const AttentionCase& c : attention_cases(spread)) {
      const Floats expected = attend(c, scalar_table());
      for (const KernelTable* table : tables()) ASSERT_TRUE(same_bits(attend(c, *table), expected));
    }
  }
}

TEST(Attend, OfOneQueryHasTheBitsOfTheSameQueryAmongMany) {
  for (const KernelTable* table : tables()) {
    const AttentionCase many(40, 40, 32, 11, 1);
    AttentionCase first = many;
    first.queries = 1;
    const Floats all = attend(many, *table);
    EXPECT_TRUE(same_bits(attend(first, *table), Floats(all.begin(), all.begin() + 32)));
  }
}

struct NormalizeCase {
  std::size_t rows, width;
  Floats input, residual, gamma, beta;
  bool has_residual;
  float epsilon = 1e-12F;

  NormalizeCase(std::size_t r, std::size_t w, unsigned seed, float scale, bool with_residual)
      : rows(r),
        width(w),
        input(random_floats(r * w, seed, scale)),
        residual(random_floats(r * w, seed + 1, scale)),
        gamma(random_floats(w, seed + 2)),
        beta(random_floats(w, seed + 3)),
        has_residual(with_residual) {}

  Floats run(const KernelTable& table) const {
    Floats output(rows * width + 1, -77.0F);
    NormalizeTask task;
    task.input = input.data();
    task.residual = has_residual ? residual.data() : nullptr;
    task.rows = rows;
    task.width = width;
    task.gamma = gamma.data();
    task.beta = beta.data();
    task.epsilon = epsilon;
    task.output = output.data();
    table.normalize(task);
    EXPECT_EQ(output.back(), -77.0F);
    output.pop_back();
    return output;
  }
};

std::vector<NormalizeCase> normalize_cases() {
  std::vector<NormalizeCase> cases;
  unsigned seed = 900;
  for (const std::size_t width : {2U, 15U, 16U, 17U, 63U, 64U, 65U, 100U, 128U, 312U, 384U, 777U}) {
    for (const float scale : {1.0F, 1000.0F, 1e-3F}) {
      seed += 4;
      cases.emplace_back(3, width, seed, scale, seed % 8 == 0);
    }
  }
  return cases;
}

TEST(Normalize, EqualsDoublePrecision) {
  for (const NormalizeCase& c : normalize_cases()) {
    for (const KernelTable* table : tables()) {
      const Floats output = c.run(*table);
      for (std::size_t row = 0; row < c.rows; ++row) {
        std::vector<double> x(c.width);
        double mean = 0;
        double variance = 0;
        for (std::size_t i = 0; i < c.width; ++i) {
          x[i] = double{c.input[row * c.width + i]} +
                 (c.has_residual ? c.residual[row * c.width + i] : 0.0F);
          mean += x[i] / static_cast<double>(c.width);
        }
        for (const double v : x) variance += (v - mean) * (v - mean) / static_cast<double>(c.width);
        for (std::size_t i = 0; i < c.width; ++i) {
          const double expected =
              (x[i] - mean) / std::sqrt(variance + c.epsilon) * c.gamma[i] + c.beta[i];
          ASSERT_NEAR(output[row * c.width + i], expected, 2e-5) << table->name << " " << c.width;
        }
      }
    }
  }
}

TEST(Normalize, GivesTheSameBitsOnEveryInstructionSet) {
  for (const NormalizeCase& c : normalize_cases()) {
    const Floats expected = c.run(scalar_table());
    for (const KernelTable* table : tables())
      EXPECT_TRUE(same_bits(c.run(*table), expected)) << c.width;
  }
}

TEST(Normalize, OfAConstantRowIsBeta) {
  NormalizeCase c(1, 50, 3, 1, false);
  c.input.assign(50, 2.5F);
  for (const KernelTable* table : tables()) EXPECT_EQ(c.run(*table), c.beta);
}

TEST(Elementwise, AddAndMeanAreExactToOneRounding) {
  for (const std::size_t width : {1U, 15U, 16U, 33U, 100U}) {
    const Floats rows = random_floats(3 * width, static_cast<unsigned>(width));
    for (const KernelTable* table : tables()) {
      Floats sum(width);
      Floats mean(width);
      table->add(rows.data(), rows.data() + width, sum.data(), width);
      table->mean_of_rows(rows.data(), 3, width, mean.data());
      for (std::size_t i = 0; i < width; ++i) {
        EXPECT_EQ(sum[i], rows[i] + rows[width + i]);
        EXPECT_EQ(mean[i], (rows[i] + rows[width + i] + rows[2 * width + i]) / 3.0F);
      }
    }
  }
}

TEST(Table, EndsWithOneThatRunsEverywhere) {
  EXPECT_STREQ(kernel_tables().back().table->name, "scalar");
  EXPECT_TRUE(kernel_tables().back().available);
}

}  // namespace
}  // namespace hasten::engine::cpu
