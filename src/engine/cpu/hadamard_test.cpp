#include "engine/cpu/hadamard.h"

#include <gtest/gtest.h>

#include "engine/cpu/cpu_backend.h"
#include "engine/cpu/isa/hadamard_for_tests.h"
#include "engine/cpu/isa/kernels.h"
#include "engine/cpu/programs_for_tests.h"

namespace hasten::engine::cpu {
namespace {

using reference::Random;

TEST(Hadamard, MultipliesByTheMatrixOverItsScale) {
  for (const std::size_t depth : {1U, 15U, 16U, 40U, 128U, 312U, 384U}) {
    for (const std::size_t columns : {1U, 3U, 100U}) {
      Random random(static_cast<unsigned>(depth + columns));
      const Tensor tensor = reference::random_tensor(
          random, {static_cast<std::int64_t>(depth), static_cast<std::int64_t>(columns)}, 1);
      const std::vector<float> matrix = to_float32(tensor);
      std::vector<float> product = matrix;
      multiply_by_hadamard(product, columns);
      const std::vector<double> hadamard = reference::hadamard_matrix(depth);
      for (std::size_t i = 0; i < depth; ++i) {
        for (std::size_t n = 0; n < columns; ++n) {
          double sum = 0;
          for (std::size_t k = 0; k < depth; ++k)
            sum += hadamard[i * depth + k] * matrix[k * columns + n];
          ASSERT_NEAR(product[i * columns + n], sum / std::sqrt(128.0), 1e-6) << depth;
        }
      }
    }
  }
}

// Two products of one buffer of `width` columns, the second's weight stored in int8 where asked.
Program two_products(Random& random, std::int64_t width, bool second_is_stored) {
  Program program;
  const BufferId tokens = program.add_buffer(Rows::k_tokens, width);
  const BufferId pooled = program.add_buffer(Rows::k_sequences, width);
  const BufferId first = program.add_buffer(Rows::k_sequences, 8);
  const BufferId second = program.add_buffer(Rows::k_sequences, 8);
  Weight weight{reference::random_tensor(random, {width, 8}, 0.1F), false, {}};
  Weight other{reference::random_tensor(random, {width, 8}, 0.1F), false, {}};
  if (second_is_stored) {
    std::vector<std::int8_t> values(static_cast<std::size_t>(width) * 8);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<std::int8_t>(i * 37 % 255 - 127);
    other = {make_tensor<std::int8_t>({width, 8}, std::move(values)), false,
             reference::random_tensor(random, {8}, 0.0001F, 0.001F)};
  }
  program.instructions = {
      Embed{{{reference::random_tensor(random, {50, width}, 1), IndexSource::k_token_id, 0}},
            {},
            tokens},
      Pool{tokens, PoolKind::k_first_token, pooled},
      Linear{pooled, weight, {}, Activation::k_none, k_no_buffer, Precision::k_int8, first},
      Linear{pooled, other, {}, Activation::k_none, first, Precision::k_int8, second}};
  program.logits = second;
  program.class_count = 8;
  return program;
}

std::vector<float> logits_of(const Program& program, const reference::Sequence& sequence,
                             const std::string& isa) {
  const reference::PackedBatch batch({sequence});
  std::vector<float> logits(8);
  prepare(program, {isa})->make_stream({.threads = 1, .profile = false})->run(batch.view(), logits);
  return logits;
}

TEST(Hadamard, IsLeftOutWhereAProductWantsItsOperandsPlain) {
  Random random(5);
  Program plain = two_products(random, 40, false);
  std::get<Linear>(plain.instructions[3]).precision = Precision::k_int8_plain;
  EXPECT_FALSE(hadamard_buffers(plain)[1]);
  EXPECT_TRUE(hadamard_buffers(two_products(random, 40, false))[1]);
  EXPECT_FALSE(hadamard_buffers(two_products(random, 40, true))[1]);
  const auto limit = static_cast<std::int64_t>(k_hadamard_columns);
  EXPECT_TRUE(hadamard_buffers(two_products(random, limit, false))[1]);
  EXPECT_FALSE(hadamard_buffers(two_products(random, limit + 1, false))[1]);
}

TEST(Hadamard, ProfilesNameWhatIsComputed) {
  Random random(8);
  const reference::PackedBatch batch({reference::random_sequence(random, 3)});
  std::vector<float> logits(8);
  for (const bool is_stored : {false, true}) {
    const auto executable = prepare(two_products(random, 32, is_stored), {});
    const auto stream = executable->make_stream({.threads = 1, .profile = true});
    stream->run(batch.view(), logits);
    std::size_t products = 0;
    for (const ProfileEntry& entry : stream->take_profile()) {
      if (!entry.name.starts_with("Linear")) continue;
      EXPECT_TRUE(entry.name.ends_with(is_stored ? " int8-plain" : " int8")) << entry.name;
      ++products;
    }
    EXPECT_GT(products, 0U);
  }
}

TEST(Hadamard, BothOperandsHaveItOrNeither) {
  Random random(6);
  for (const bool is_stored : {false, true}) {
    for (const std::int64_t width : {24, 200, 8192, 8193}) {
      Program program = two_products(random, width, is_stored);
      // The two then share the buffer's form.
      if (width == 200)
        std::get<Linear>(program.instructions[2]).precision = Precision::k_int8_plain;
      const reference::Sequence sequence = reference::random_sequence(random, 3);
      const auto expected = reference::run(program, sequence);
      for (const InstructionSetStatus& set : instruction_sets()) {
        if (!set.available) continue;
        const auto logits = logits_of(program, sequence, set.name);
        for (std::size_t i = 0; i < logits.size(); ++i) {
          ASSERT_NEAR(logits[i], expected[i], 0.02 + 0.006 * std::sqrt(static_cast<double>(width)))
              << set.name << " " << width;
        }
      }
    }
  }
}

// One column of the activations, and one weight of each output, twenty times as large as the others,
// take 8 bits nearly alone: plain int8 has an error of 0.048.
TEST(Hadamard, KeepsWhatLiesBesideLargeValues) {
  Random random(7);
  Program program = two_products(random, 128, false);
  auto& embed = std::get<Embed>(program.instructions[0]);
  std::vector<float> table = to_float32(embed.lookups[0].table);
  for (std::size_t i = 0; i < table.size(); i += 128) table[i] = 20;
  embed.lookups[0].table = make_tensor<float>({50, 128}, std::move(table));
  auto& first = std::get<Linear>(program.instructions[2]);
  std::vector<float> weight = to_float32(first.weight.values);
  for (std::size_t n = 0; n < 8; ++n) weight[(n + 5) * 8 + n] = 2;
  first.weight.values = make_tensor<float>({128, 8}, std::move(weight));
  program.instructions.pop_back();
  program.logits = first.output;
  double error = 0;
  double size = 0;
  for (int text = 0; text < 20; ++text) {
    const reference::Sequence sequence = reference::random_sequence(random, 3);
    const auto expected = reference::run(program, sequence);
    const auto logits = logits_of(program, sequence, "scalar");
    for (std::size_t i = 0; i < logits.size(); ++i) {
      error += std::pow(logits[i] - expected[i], 2);
      size += std::pow(expected[i], 2);
    }
  }
  EXPECT_LT(std::sqrt(error / size), 0.02);
}

}  // namespace
}  // namespace hasten::engine::cpu
