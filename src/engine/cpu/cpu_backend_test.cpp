#include "engine/cpu/cpu_backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>

#include "base/error.h"
#include "engine/cpu/float_environment.h"
#include "engine/cpu/programs_for_tests.h"

namespace hasten::engine::cpu {
namespace {

using reference::ModelMaker;
using reference::ModelShape;
using reference::PackedBatch;
using reference::Random;
using reference::Sequence;

std::vector<std::string> available_sets() {
  std::vector<std::string> names;
  for (const InstructionSetStatus& set : instruction_sets()) {
    if (set.available) names.push_back(set.name);
  }
  return names;
}

std::vector<float> logits_of(const Executable& executable, const std::vector<Sequence>& sequences,
                             std::int64_t classes, int threads) {
  const PackedBatch batch(sequences);
  std::vector<float> logits(sequences.size() * static_cast<std::size_t>(classes), NAN);
  executable.make_stream({.threads = threads, .profile = false})->run(batch.view(), logits);
  return logits;
}

std::vector<Sequence> sequences_of(Random& random, const std::vector<std::size_t>& lengths) {
  std::vector<Sequence> sequences;
  for (const std::size_t length : lengths)
    sequences.push_back(reference::random_sequence(random, length));
  return sequences;
}

std::vector<ModelShape> shapes() {
  return {
      {.hidden = 32, .intermediate = 64, .heads = 2, .layers = 2},
      {.hidden = 10,
       .intermediate = 37,
       .heads = 2,
       .layers = 1,
       .classes = 1,
       .activation = Activation::k_gelu_tanh,
       .packed_qkv = false},
      {.hidden = 72,
       .intermediate = 150,
       .heads = 3,
       .layers = 3,
       .classes = 7,
       .activation = Activation::k_relu,
       .last_layer_first_token = false},
      {.hidden = 130,
       .intermediate = 96,
       .heads = 1,
       .layers = 2,
       .classes = 17,
       .activation = Activation::k_silu,
       .pool = PoolKind::k_mean},
  };
}

TEST(CpuBackend, EqualsTheDoublePrecisionReference) {
  Random random(1);
  for (const ModelShape& shape : shapes()) {
    const Program program = ModelMaker(random, shape).make();
    const auto sequences = sequences_of(random, {5, 1, 24, 17, 33, 70});
    std::vector<double> expected;
    for (const Sequence& sequence : sequences) {
      for (const double logit : reference::run(program, sequence)) expected.push_back(logit);
    }
    for (const std::string& isa : available_sets()) {
      const auto logits = logits_of(*prepare(program, {isa}), sequences, shape.classes, 1);
      for (std::size_t i = 0; i < logits.size(); ++i) {
        ASSERT_NEAR(logits[i], expected[i], 1e-5)
            << isa << ", hidden " << shape.hidden << ", logit " << i;
      }
    }
  }
}

TEST(CpuBackend, GivesTheSameBitsInEveryBatchThreadCountAndInstructionSet) {
  Random random(2);
  for (const ModelShape& shape : shapes()) {
    const Program program = ModelMaker(random, shape).make();
    const auto sequences = sequences_of(random, {3, 1, 24, 24, 65, 2, 40, 90, 16});
    const std::size_t classes = static_cast<std::size_t>(shape.classes);
    std::vector<float> alone;
    const auto scalar = prepare(program, {"scalar"});
    for (const Sequence& sequence : sequences) {
      for (const float logit : logits_of(*scalar, {sequence}, shape.classes, 1))
        alone.push_back(logit);
    }
    for (const std::string& isa : available_sets()) {
      const auto executable = prepare(program, {isa});
      for (const int threads : {1, 2, 3}) {
        EXPECT_EQ(logits_of(*executable, sequences, shape.classes, threads), alone)
            << isa << threads;
        const auto first = logits_of(*executable, {sequences[2]}, shape.classes, threads);
        EXPECT_EQ(first,
                  std::vector<float>(alone.begin() + static_cast<std::ptrdiff_t>(2 * classes),
                                     alone.begin() + static_cast<std::ptrdiff_t>(3 * classes)))
            << isa << threads;
      }
    }
  }
}

// With rounded operands the double-precision result is only near.
TEST(CpuBackend, ReducedPrecisionIsNearTheReference) {
  Random random(12);
  for (const Precision precision :
       {Precision::k_bfloat16, Precision::k_int8, Precision::k_int8_plain}) {
    for (ModelShape shape : shapes()) {
      shape.precision = precision;
      const Program program = ModelMaker(random, shape).make();
      const auto sequences = sequences_of(random, {5, 1, 24, 17, 33, 70, 130});
      std::vector<double> expected;
      for (const Sequence& sequence : sequences) {
        for (const double logit : reference::run(program, sequence)) expected.push_back(logit);
      }
      for (const std::string& isa : available_sets()) {
        const auto logits = logits_of(*prepare(program, {isa}), sequences, shape.classes, 1);
        for (std::size_t i = 0; i < logits.size(); ++i) {
          ASSERT_NEAR(logits[i], expected[i], 0.15)
              << isa << ", hidden " << shape.hidden << ", logit " << i;
        }
      }
    }
  }
}

TEST(CpuBackend, Int8GivesTheSameBitsInEveryBatchThreadCountAndInstructionSet) {
  Random random(13);
  bool is_plain = false;
  for (ModelShape shape : shapes()) {
    shape.precision = is_plain ? Precision::k_int8_plain : Precision::k_int8;
    is_plain = !is_plain;
    const Program program = ModelMaker(random, shape).make();
    const auto sequences = sequences_of(random, {3, 1, 24, 24, 65, 2, 40, 90, 16, 130});
    std::vector<float> alone;
    const auto scalar = prepare(program, {"scalar"});
    for (const Sequence& sequence : sequences) {
      for (const float logit : logits_of(*scalar, {sequence}, shape.classes, 1))
        alone.push_back(logit);
    }
    for (const std::string& isa : available_sets()) {
      const auto executable = prepare(program, {isa});
      for (const int threads : {1, 2, 3}) {
        EXPECT_EQ(logits_of(*executable, sequences, shape.classes, threads), alone)
            << isa << threads;
      }
      EXPECT_EQ(logits_of(*executable, {sequences[1]}, shape.classes, 2),
                logits_of(*scalar, {sequences[1]}, shape.classes, 1));
    }
  }
}

TEST(CpuBackend, Bfloat16GivesTheSameBitsInEveryBatchAndThreadCount) {
  Random random(14);
  for (ModelShape shape : shapes()) {
    shape.precision = Precision::k_bfloat16;
    const Program program = ModelMaker(random, shape).make();
    const auto sequences = sequences_of(random, {3, 1, 24, 24, 65, 2, 40, 90, 16, 130});
    for (const std::string& isa : available_sets()) {
      const auto executable = prepare(program, {isa});
      std::vector<float> alone;
      for (const Sequence& sequence : sequences) {
        for (const float logit : logits_of(*executable, {sequence}, shape.classes, 1))
          alone.push_back(logit);
      }
      for (const int threads : {1, 2, 3}) {
        EXPECT_EQ(logits_of(*executable, sequences, shape.classes, threads), alone)
            << isa << threads;
      }
    }
  }
}

TEST(CpuBackend, TakesInt8WeightsAsTheyAreStored) {
  Random random(15);
  for (const bool is_transposed : {false, true}) {
    std::vector<std::int8_t> values(24 * 20);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<std::int8_t>(i * 37 % 255 - 127);
    Weight weight{
        make_tensor<std::int8_t>(is_transposed ? Dims{20, 24} : Dims{24, 20}, std::move(values)),
        is_transposed, reference::random_tensor(random, {20}, 0.001F, 0.01F)};
    Program program;
    const BufferId a = program.add_buffer(Rows::k_tokens, 24);
    const BufferId b = program.add_buffer(Rows::k_sequences, 24);
    const BufferId c = program.add_buffer(Rows::k_sequences, 20);
    for (const Precision precision : {Precision::k_float32, Precision::k_int8}) {
      program.instructions = {
          Embed{
              {{reference::random_tensor(random, {50, 24}, 1), IndexSource::k_token_id, 0}}, {}, a},
          Pool{a, PoolKind::k_mean, b},
          Linear{b, weight, {}, Activation::k_none, k_no_buffer, precision, c}};
      program.logits = c;
      program.class_count = 20;
      const Sequence sequence = reference::random_sequence(random, 5);
      const auto expected = reference::run(program, sequence);
      for (const std::string& isa : available_sets()) {
        const auto logits = logits_of(*prepare(program, {isa}), {sequence}, 20, 1);
        const double tolerance = precision == Precision::k_int8 ? 0.05 : 1e-5;
        for (std::size_t i = 0; i < 20; ++i) EXPECT_NEAR(logits[i], expected[i], tolerance) << isa;
      }
    }
  }
}

TEST(CpuBackend, OneStreamRunsBatchesOfManySizes) {
  Random random(3);
  const ModelShape shape;
  const Program program = ModelMaker(random, shape).make();
  const auto executable = prepare(program, {});
  const auto stream = executable->make_stream({.threads = 2, .profile = true});
  for (const std::size_t count : {1, 40, 3, 100, 2}) {
    const auto sequences = sequences_of(random, std::vector<std::size_t>(count, 20));
    const PackedBatch batch(sequences);
    std::vector<float> logits(count * 3);
    stream->run(batch.view(), logits);
    EXPECT_EQ(logits, logits_of(*executable, sequences, 3, 1));
  }
  EXPECT_FALSE(stream->take_profile().empty());
  EXPECT_EQ(stream->take_profile().front().calls, 0U);
}

TEST(CpuBackend, RunsAnEmptyBatch) {
  Random random(4);
  const Program program = ModelMaker(random, {}).make();
  const std::vector<std::int32_t> offsets{0};
  prepare(program, {})->make_stream({})->run({{}, {}, offsets}, {});
}

void flush_denormals_and_round_towards_zero() {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040 | 0x6000);
#else
  __asm__ volatile("msr fpcr, %0" : : "r"(std::uint64_t{0x1C00000}));
#endif
}

TEST(CpuBackend, RunsInTheDefaultFloatingPointEnvironment) {
  Random random(5);
  const Program program = ModelMaker(random, {}).make();
  const auto executable = prepare(program, {});
  const auto sequences = sequences_of(random, {20, 9});
  const auto expected = logits_of(*executable, sequences, 3, 1);
  const FloatEnvironment restored;
  flush_denormals_and_round_towards_zero();
  const auto logits = logits_of(*executable, sequences, 3, 1);
  EXPECT_EQ(logits, expected);
}

TEST(CpuBackend, SharesOneCopyOfTiedWeights) {
  Random random(6);
  Program program;
  const Weight weight{reference::random_tensor(random, {16, 16}, 1), false, {}};
  const BufferId a = program.add_buffer(Rows::k_tokens, 16);
  const BufferId b = program.add_buffer(Rows::k_tokens, 16);
  const BufferId c = program.add_buffer(Rows::k_sequences, 16);
  program.instructions = {
      Embed{{{reference::random_tensor(random, {50, 16}, 1), IndexSource::k_token_id, 0}}, {}, a},
      Linear{a, weight, {}, Activation::k_none, k_no_buffer, Precision::k_float32, b},
      Linear{b, weight, {}, Activation::k_none, k_no_buffer, Precision::k_float32, a},
      Pool{a, PoolKind::k_mean, c}};
  program.logits = c;
  program.class_count = 16;
  const Sequence sequence = reference::random_sequence(random, 5);
  const auto logits = logits_of(*prepare(program, {}), {sequence}, 16, 1);
  const auto expected = reference::run(program, sequence);
  for (std::size_t i = 0; i < 16; ++i) EXPECT_NEAR(logits[i], expected[i], 1e-5 * 16);
}

TEST(CpuBackend, NamesInstructionSetsThatCannotBe) {
  Random random(7);
  const Program program = ModelMaker(random, {}).make();
  try {
    prepare(program, {"mmx"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::k_usage);
    EXPECT_THAT(error.what(), testing::HasSubstr("there is no instruction set mmx"));
    EXPECT_THAT(error.what(), testing::HasSubstr("scalar"));
  }
}

TEST(CpuBackend, TakesTheInstructionSetOfTheEnvironment) {
  ::setenv("HASTEN_ISA", "scalar", 1);
  for (const InstructionSetStatus& set : instruction_sets()) {
    EXPECT_EQ(set.chosen, set.name == "scalar") << set.name;
  }
  Random random(8);
  EXPECT_THAT(prepare(ModelMaker(random, {}).make(), {})->description(),
              testing::HasSubstr("scalar"));
  ::unsetenv("HASTEN_ISA");
}

TEST(CpuBackend, MeasuresAPeak) {
  for (const std::string& isa : available_sets())
    EXPECT_GT(measure_peak(Precision::k_float32, isa), 1e7);
}

}  // namespace
}  // namespace hasten::engine::cpu
