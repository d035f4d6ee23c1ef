// Attention by distance, rotation and window, gates and neighbours, against double precision on
// every instruction set.
#include <gtest/gtest.h>

#include "engine/cpu/attention_programs_for_tests.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/cpu/programs_for_tests.h"

namespace hasten::engine::cpu {
namespace {

using reference::PackedBatch;
using reference::Random;
using reference::Sequence;

using reference::attention_cases;
using reference::AttentionCase;
using reference::AttentionMaker;

std::vector<float> run(const Executable& executable, const std::vector<Sequence>& sequences,
                       std::int64_t classes, int threads) {
  const PackedBatch batch(sequences);
  std::vector<float> logits(sequences.size() * static_cast<std::size_t>(classes), NAN);
  executable.make_stream({.threads = threads, .profile = false})->run(batch.view(), logits);
  return logits;
}

std::vector<Sequence> sequences_of(const std::vector<std::size_t>& lengths) {
  Random random(5);
  std::vector<Sequence> sequences;
  for (const std::size_t length : lengths)
    sequences.push_back(reference::random_sequence(random, length));
  return sequences;
}

TEST(DistanceAttention, EqualsTheDoublePrecisionReference) {
  for (const AttentionCase& tested : attention_cases()) {
    const Program program = AttentionMaker(tested).make();
    const auto sequences = sequences_of({5, 1, 24, 17, 33, 90});
    std::vector<double> expected;
    for (const Sequence& sequence : sequences) {
      for (const double logit : reference::run(program, sequence)) expected.push_back(logit);
    }
    for (const InstructionSetStatus& set : instruction_sets()) {
      if (!set.available) continue;
      const auto logits = run(*prepare(program, {set.name}), sequences, program.class_count, 1);
      for (std::size_t i = 0; i < logits.size(); ++i) {
        ASSERT_NEAR(logits[i], expected[i], 1e-4)
            << set.name << " heads " << tested.heads << " of " << tested.head_size << " at " << i;
      }
    }
  }
}

TEST(DistanceAttention, GivesTheSameBitsAloneInEveryBatchThreadCountAndInstructionSet) {
  for (const AttentionCase& tested : attention_cases()) {
    const Program program = AttentionMaker(tested).make();
    const auto sequences = sequences_of({3, 1, 24, 300, 65, 2, 64, 16});
    const auto scalar = prepare(program, {"scalar"});
    std::vector<float> alone;
    for (const Sequence& sequence : sequences) {
      for (const float logit : run(*scalar, {sequence}, program.class_count, 1))
        alone.push_back(logit);
    }
    for (const InstructionSetStatus& set : instruction_sets()) {
      if (!set.available) continue;
      const auto executable = prepare(program, {set.name});
      for (const int threads : {1, 2, 3}) {
        ASSERT_EQ(run(*executable, sequences, program.class_count, threads), alone)
            << set.name << " heads " << tested.heads << " of " << tested.head_size;
      }
      ASSERT_EQ(run(*executable, {sequences[4]}, program.class_count, 3),
                run(*scalar, {sequences[4]}, program.class_count, 1));
    }
  }
}

TEST(DistanceAttention, OfALongTextEqualsTheReference) {
  AttentionCase tested{.heads = 1, .head_size = 12, .by_query = true, .by_key = true, .bias = true};
  for (const std::int64_t window : {700, 100}) {
    tested.window = window;
    tested.first_token = window == 700;
    const Program program = AttentionMaker(tested).make();
    const auto sequences = sequences_of({600});
    const auto expected = reference::run(program, sequences[0]);
    const auto best = run(*prepare(program, {}), sequences, program.class_count, 2);
    for (std::size_t i = 0; i < best.size(); ++i) EXPECT_NEAR(best[i], expected[i], 1e-4);
    EXPECT_EQ(best, run(*prepare(program, {"scalar"}), sequences, program.class_count, 1));
  }
}

// A gate, its products' neighbours and a matrix product of them, at each precision.
Program gated_program(Activation activation, std::int64_t width, std::int64_t radius,
                      Precision precision) {
  Random random(9);
  Program program;
  const BufferId x = program.add_buffer(Rows::k_tokens, 2 * width);
  const BufferId gated = program.add_buffer(Rows::k_tokens, width);
  const BufferId wide = program.add_buffer(Rows::k_tokens, (2 * radius + 1) * width);
  const BufferId y = program.add_buffer(Rows::k_tokens, 11);
  const BufferId mean = program.add_buffer(Rows::k_sequences, 11);
  Linear linear;
  linear.input = wide;
  linear.weight = {
      reference::random_tensor(random, {11, (2 * radius + 1) * width}, 0.1F), true, {}};
  linear.precision = precision;
  linear.output = y;
  program.instructions = {
      Embed{{{reference::random_tensor(random, {reference::k_vocabulary, 2 * width}, 1),
              IndexSource::k_token_id, 0}},
            {},
            x},
      Gate{x, activation, gated}, Neighbors{gated, radius, wide}, linear,
      Pool{y, PoolKind::k_mean, mean}};
  program.logits = mean;
  program.class_count = 11;
  return program;
}

TEST(Gate, AndNeighborsEqualTheDoublePrecisionReference) {
  const auto sequences = sequences_of({1, 2, 24, 5});
  for (const auto& [precision, tolerance] :
       {std::pair{Precision::k_float32, 1e-5}, std::pair{Precision::k_bfloat16, 0.05},
        std::pair{Precision::k_int8, 0.05}}) {
    for (const std::int64_t width : {1, 15, 16, 37}) {
      for (const Activation activation :
           {Activation::k_none, Activation::k_gelu_erf, Activation::k_silu}) {
        const Program program = gated_program(activation, width, width % 3, precision);
        std::vector<double> expected;
        for (const Sequence& sequence : sequences) {
          for (const double logit : reference::run(program, sequence)) expected.push_back(logit);
        }
        for (const InstructionSetStatus& set : instruction_sets()) {
          if (!set.available) continue;
          const auto logits = run(*prepare(program, {set.name}), sequences, 11, 2);
          for (std::size_t i = 0; i < logits.size(); ++i) {
            ASSERT_NEAR(logits[i], expected[i], tolerance) << set.name << " " << width;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace hasten::engine::cpu
