// For tests: one head of attention, and what it gives in double precision.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "engine/cpu/isa/kernels.h"

namespace hasten::engine::cpu::reference {

struct AttentionCase {
  std::size_t queries, keys, head_size;
  std::size_t stride = head_size + 13;
  float scale = 0.2F;
  std::vector<float> query, key, value;

  // Queries and keys are normal numbers times `spread`.
  AttentionCase(std::size_t q, std::size_t k, std::size_t d, unsigned seed, float spread)
      : queries(q),
        keys(k),
        head_size(d),
        query(numbers(q, seed, spread)),
        key(numbers(k, seed + 1, spread)),
        value(numbers(k, seed + 2, 1)) {}

  // With so many floats of scratch memory, in which nothing may matter that was there before.
  std::vector<float> run(AttentionKernel attend, std::size_t scratch_floats) const {
    constexpr float k_untouched = -77.0F;
    std::vector<float> output(queries * head_size + 1, k_untouched);
    std::vector<float> scratch(scratch_floats + 1, std::numeric_limits<float>::quiet_NaN());
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

  // All queries' rows, the operands of both products rounded by `round`.
  template <typename Round>
  std::vector<double> expected(Round round) const {
    std::vector<double> rows;
    for (std::size_t q = 0; q < queries; ++q) {
      const std::vector<double> row = expected_row(q, round);
      rows.insert(rows.end(), row.begin(), row.end());
    }
    return rows;
  }

 private:
  std::vector<float> numbers(std::size_t rows, unsigned seed, float spread) const {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, spread);
    std::vector<float> result(rows * stride + 16);
    for (float& number : result) number = normal(random);
    return result;
  }

  template <typename Round>
  std::vector<double> expected_row(std::size_t q, Round round) const {
    std::vector<double> powers(keys);
    for (std::size_t k = 0; k < keys; ++k) {
      for (std::size_t i = 0; i < head_size; ++i) {
        powers[k] +=
            round(double{scale} * query[q * stride + i]) * round(double{key[k * stride + i]});
      }
    }
    const double largest = *std::max_element(powers.begin(), powers.end());
    double sum = 0;
    for (double& power : powers) sum += power = std::exp(power - largest);
    std::vector<double> row(head_size);
    for (std::size_t k = 0; k < keys; ++k) {
      for (std::size_t d = 0; d < head_size; ++d) {
        row[d] += round(powers[k]) / sum * round(double{value[k * stride + d]});
      }
    }
    return row;
  }
};

}  // namespace hasten::engine::cpu::reference
