// Attention with operands rounded to bfloat16, where this machine has it or emulates it: against
// double precision of the rounded operands.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "base/half.h"
#include "engine/cpu/isa/emulated_amx.h"

namespace hasten::engine::cpu {
namespace {

double rounded(double value) {
  return bfloat16_to_float(float_to_bfloat16(static_cast<float>(value)));
}

struct Case {
  std::size_t queries, keys, head_size;
  std::size_t stride = head_size + 13;
  float scale = 0.2F;
  std::vector<float> query = numbers(queries, 1);
  std::vector<float> key = numbers(keys, 2);
  std::vector<float> value = numbers(keys, 3);

  std::vector<float> numbers(std::size_t rows, unsigned seed) const {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> result(rows * stride + 16);
    for (float& number : result) number = normal(random);
    return result;
  }

  std::vector<float> run(AttentionKernel attend) const {
    constexpr float k_untouched = -77.0F;
    std::vector<float> output(queries * head_size + 1, k_untouched);
    // What was in it before must not matter.
    std::vector<float> scratch(bfloat16_attention_scratch(keys, head_size) + 1,
                               std::numeric_limits<float>::quiet_NaN());
    scratch.back() = k_untouched;
    AttentionTask task;
    task.query = query.data();
    task.key = key.data();
    task.value = value.data();
    task.query_stride = task.key_stride = task.value_stride = stride;
    task.query_rows = queries;
    task.key_rows = keys;
    task.head_size = task.output_stride = head_size;
    task.scale = scale;
    task.output = output.data();
    task.scratch = scratch.data();
    attend(task);
    EXPECT_EQ(output.back(), k_untouched);
    EXPECT_EQ(scratch.back(), k_untouched);
    output.pop_back();
    return output;
  }

  // The row of one query.
  std::vector<double> expected(std::size_t q) const {
    std::vector<double> powers(keys);
    for (std::size_t k = 0; k < keys; ++k) {
      for (std::size_t i = 0; i < head_size; ++i) {
        powers[k] += rounded(scale * query[q * stride + i]) * rounded(key[k * stride + i]);
      }
    }
    const double largest = *std::max_element(powers.begin(), powers.end());
    double sum = 0;
    for (double& power : powers) sum += power = std::exp(power - largest);
    std::vector<double> row(head_size);
    for (std::size_t k = 0; k < keys; ++k) {
      for (std::size_t d = 0; d < head_size; ++d) {
        row[d] += rounded(powers[k]) / sum * rounded(value[k * stride + d]);
      }
    }
    return row;
  }
};

std::vector<const KernelTable*> tables() {
  std::vector<const KernelTable*> tables = tables_for_tests();
  std::erase_if(tables, [](const KernelTable* table) { return table->bfloat16.attend == nullptr; });
  return tables;
}

TEST(Bfloat16Attend, EqualsDoublePrecisionOfRoundedOperands) {
  if (tables().empty()) GTEST_SKIP() << "this processor has no bfloat16 product";
  for (const KernelTable* table : tables()) {
    for (const std::size_t head_size : {1U, 5U, 16U, 26U, 32U, 64U, 70U, 130U}) {
      for (const std::size_t length : {1U, 2U, 13U, 33U, 64U, 65U, 130U}) {
        const Case tested{length, length, head_size};
        const std::vector<float> output = tested.run(table->bfloat16.attend);
        for (std::size_t q = 0; q < length; ++q) {
          const std::vector<double> expected = tested.expected(q);
          for (std::size_t d = 0; d < head_size; ++d) {
            // A weight may be rounded the other way.
            ASSERT_NEAR(output[q * head_size + d], expected[d], 4e-3)
                << table->name << " " << length << " " << head_size;
          }
        }
      }
    }
  }
}

TEST(Bfloat16Attend, OfOneQueryHasTheBitsOfTheSameQueryAmongMany) {
  if (tables().empty()) GTEST_SKIP() << "this processor has no bfloat16 product";
  for (const KernelTable* table : tables()) {
    const Case many{70, 70, 32};
    Case first = many;
    first.queries = 1;
    const std::vector<float> all = many.run(table->bfloat16.attend);
    EXPECT_EQ(first.run(table->bfloat16.attend), std::vector<float>(all.begin(), all.begin() + 32));
  }
}

}  // namespace
}  // namespace hasten::engine::cpu
