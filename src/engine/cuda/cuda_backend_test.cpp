// The kernels on the emulated machine (emulation/README.md), against the double-precision reference that the
// CPU's kernels are tested with.
#include "engine/cuda/cuda_backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/cpu/attention_programs_for_tests.h"
#include "engine/cpu/programs_for_tests.h"
#include "engine/cuda/emulation/control.h"
#include "engine/cuda/prepared_program.h"

namespace hasten::engine::cuda {
namespace {

using cpu::reference::ModelMaker;
using cpu::reference::ModelShape;
using cpu::reference::PackedBatch;
using cpu::reference::Random;
using cpu::reference::Sequence;
using testing::HasSubstr;

class CudaBackend : public testing::Test {
 protected:
  void TearDown() override { emulated::machine() = emulated::Machine(); }
};

std::vector<Sequence> sequences_of(Random& random, const std::vector<std::size_t>& lengths) {
  std::vector<Sequence> sequences;
  for (const std::size_t length : lengths) sequences.push_back(cpu::reference::random_sequence(random, length));
  return sequences;
}

std::vector<float> logits_of(Stream& stream, const std::vector<Sequence>& sequences, std::int64_t classes) {
  const PackedBatch batch(sequences);
  std::vector<float> logits(sequences.size() * static_cast<std::size_t>(classes), NAN);
  stream.run(batch.view(), logits);
  return logits;
}

// Head sizes with and without a kernel on tensor cores, odd widths, both poolings, every activation.
std::vector<ModelShape> shapes(Precision precision) {
  return {
      {.hidden = 32, .intermediate = 64, .heads = 2, .layers = 2, .precision = precision},
      {.hidden = 10,
       .intermediate = 37,
       .heads = 2,
       .layers = 1,
       .classes = 1,
       .activation = Activation::k_gelu_tanh,
       .packed_qkv = false,
       .precision = precision},
      {.hidden = 96,
       .intermediate = 70,
       .heads = 2,
       .layers = 2,
       .classes = 7,
       .activation = Activation::k_relu,
       .last_layer_first_token = false,
       .precision = precision},
      {.hidden = 128,
       .intermediate = 96,
       .heads = 1,
       .layers = 1,
       .classes = 17,
       .activation = Activation::k_silu,
       .pool = PoolKind::k_mean,
       .precision = precision},
      {.hidden = 300,
       .intermediate = 20,
       .heads = 1,
       .layers = 1,
       .activation = Activation::k_tanh,
       .precision = precision},
  };
}

// Embeddings, gated, beside their neighbours, averaged.
Program gated_program(Random& random, Activation activation) {
  constexpr std::int64_t k_width = 6;
  Program program;
  const BufferId x = program.add_buffer(Rows::k_tokens, 2 * k_width);
  const BufferId gated = program.add_buffer(Rows::k_tokens, k_width);
  const BufferId wide = program.add_buffer(Rows::k_tokens, 3 * k_width);
  const BufferId mean = program.add_buffer(Rows::k_sequences, 3 * k_width);
  const Tensor table = cpu::reference::random_tensor(random, {cpu::reference::k_vocabulary, 2 * k_width}, 2);
  program.instructions.emplace_back(Embed{{{table, IndexSource::k_token_id, 0}}, {}, x});
  program.instructions.emplace_back(Gate{x, activation, gated});
  program.instructions.emplace_back(Neighbors{gated, 1, wide});
  program.instructions.emplace_back(Pool{wide, PoolKind::k_mean, mean});
  program.logits = mean;
  program.class_count = 3 * k_width;
  return program;
}

struct PrecisionCase {
  Precision precision;
  double tolerance;  // of a logit
};

class CudaPrecisions : public testing::TestWithParam<PrecisionCase> {};

TEST_P(CudaPrecisions, EqualTheDoublePrecisionReference) {
  Random random(1);
  for (const ModelShape& shape : shapes(GetParam().precision)) {
    const Program program = ModelMaker(random, shape).make();
    const auto sequences = sequences_of(random, {5, 1, 24, 17, 64, 70});
    const auto stream = prepare(program, {0})->make_stream({});
    const auto logits = logits_of(*stream, sequences, shape.classes);
    std::size_t at = 0;
    for (const Sequence& sequence : sequences) {
      for (const double expected : cpu::reference::run(program, sequence)) {
        EXPECT_NEAR(logits[at], expected, GetParam().tolerance) << shape.hidden << " at " << at;
        ++at;
      }
    }
  }
}

TEST_F(CudaBackend, AttendsByDistanceRotationAndWindow) {
  for (const cpu::reference::AttentionCase& tested : cpu::reference::attention_cases()) {
    const Program program = cpu::reference::AttentionMaker(tested).make();
    Random random(5);
    const auto sequences = sequences_of(random, {5, 1, 24, 70});
    const auto logits = logits_of(*prepare(program, {0})->make_stream({}), sequences, program.class_count);
    std::size_t at = 0;
    for (const Sequence& sequence : sequences) {
      for (const double expected : cpu::reference::run(program, sequence)) {
        ASSERT_NEAR(logits[at++], expected, 1e-4) << tested.heads << " of " << tested.head_size;
      }
    }
  }
}

TEST_F(CudaBackend, GatesAndGathersNeighbors) {
  for (int kind = 0; kind <= static_cast<int>(Activation::k_laplace); ++kind) {
    Random random(9);
    const Program program = gated_program(random, static_cast<Activation>(kind));
    const auto sequences = sequences_of(random, {1, 7, 2});
    const auto logits = logits_of(*prepare(program, {0})->make_stream({}), sequences, program.class_count);
    std::size_t at = 0;
    for (const Sequence& sequence : sequences) {
      for (const double expected : cpu::reference::run(program, sequence)) {
        ASSERT_NEAR(logits[at++], expected, 1e-4) << kind;
      }
    }
  }
}

TEST_P(CudaPrecisions, GiveATextTheSameBitsInEveryBatch) {
  Random random(2);
  for (const ModelShape& shape : shapes(GetParam().precision)) {
    const Program program = ModelMaker(random, shape).make();
    const auto executable = prepare(program, {0});
    const auto sequences = sequences_of(random, {70, 3, 24, 1});
    const auto together = logits_of(*executable->make_stream({}), sequences, shape.classes);
    const auto alone = executable->make_stream({});
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      const auto logits = logits_of(*alone, {sequences[i]}, shape.classes);
      for (std::size_t c = 0; c < logits.size(); ++c) {
        EXPECT_EQ(logits[c], together[i * logits.size() + c]) << "sequence " << i;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, CudaPrecisions,
                         testing::Values(PrecisionCase{Precision::k_float32, 2e-5},
                                         PrecisionCase{Precision::k_float16, 2e-2},
                                         PrecisionCase{Precision::k_bfloat16, 8e-2}));

Program small_program(Random& random, Precision precision = Precision::k_float32) {
  return ModelMaker(random, {.hidden = 32, .intermediate = 48, .layers = 1, .precision = precision}).make();
}

TEST_F(CudaBackend, ReplaysWhatItRecordedForASizeClass) {
  Random random(3);
  const Program program = small_program(random);
  const auto executable = prepare(program, {0});
  const auto stream = executable->make_stream({});
  const auto first = sequences_of(random, {20, 21, 22});
  const auto second = sequences_of(random, {23, 20, 19});
  logits_of(*stream, first, 3);
  EXPECT_EQ(logits_of(*stream, second, 3), logits_of(*executable->make_stream({}), second, 3));
  EXPECT_GE(emulated::machine().recordings_replayed, 3U);
}

TEST_F(CudaBackend, HalvesTheBudgetWhenMemoryRunsOut) {
  Random random(4);
  const Program program = small_program(random);
  const auto executable = prepare(program, {0});
  const auto sequences = sequences_of(random, std::vector<std::size_t>(40, 50));
  const auto expected = logits_of(*executable->make_stream({}), sequences, 3);
  EXPECT_EQ(executable->token_budget(), k_token_budget);
  emulated::machine().largest_allocation = std::size_t{600} << 10;
  EXPECT_EQ(logits_of(*executable->make_stream({}), sequences, 3), expected);
  EXPECT_LT(executable->token_budget(), 2000U);
}

// The memory of the device grows, that of the host does not: nothing of the larger batch may be left behind.
TEST_F(CudaBackend, GoesOnWhenPinnedMemoryRunsOut) {
  Random random(12);
  const Program program = small_program(random);
  const auto executable = prepare(program, {0});
  const auto few = sequences_of(random, {20, 21});
  const auto many = sequences_of(random, std::vector<std::size_t>(12, 50));
  const auto expected_few = logits_of(*executable->make_stream({}), few, 3);
  const auto expected_many = logits_of(*executable->make_stream({}), many, 3);
  const auto stream = executable->make_stream({});
  logits_of(*stream, few, 3);
  EXPECT_EQ(executable->note(), "");
  emulated::machine().largest_pinned = 4000;
  EXPECT_EQ(logits_of(*stream, many, 3), expected_many);
  EXPECT_THAT(executable->note(), HasSubstr("did not suffice for batches of 16384 tokens"));
  EXPECT_EQ(logits_of(*stream, few, 3), expected_few);
  EXPECT_EQ(logits_of(*stream, few, 3), expected_few);
}

TEST_F(CudaBackend, SaysWhenOneTextDoesNotFit) {
  Random random(5);
  const Program program = small_program(random);
  const auto stream = prepare(program, {0})->make_stream({});
  emulated::machine().largest_allocation = 1000;
  try {
    logits_of(*stream, sequences_of(random, {100}), 3);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::k_out_of_memory);
    EXPECT_THAT(error.what(), HasSubstr("--device cpu"));
  }
}

TEST_F(CudaBackend, EndsAsIncompleteWhenTheDeviceIsLost) {
  Random random(6);
  const Program program = small_program(random);
  const auto stream = prepare(program, {0})->make_stream({});
  emulated::machine().waits_until_lost = 0;
  try {
    logits_of(*stream, sequences_of(random, {10}), 3);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::k_incomplete);
    EXPECT_THAT(error.what(), HasSubstr("ECC"));
  }
}

TEST_F(CudaBackend, SharesWorkBetweenDevices) {
  emulated::machine().cards.resize(2);
  Random random(7);
  const Program program = small_program(random);
  const auto executable = prepare(program, {0, 1});
  EXPECT_THAT(executable->description(), HasSubstr("cuda:0 Emulated and cuda:1 Emulated, fp32"));
  const auto sequences = sequences_of(random, {10, 30});
  EXPECT_EQ(logits_of(*executable->make_stream({}), sequences, 3),
            logits_of(*executable->make_stream({}), sequences, 3));
}

TEST_F(CudaBackend, GivesAllMemoryBack) {
  Random random(8);
  {
    const Program program = small_program(random, Precision::k_bfloat16);
    const auto executable = prepare(program, {0});
    logits_of(*executable->make_stream({}), sequences_of(random, {10}), 3);
    EXPECT_GT(emulated::machine().live_allocations, 0U);
  }
  EXPECT_EQ(emulated::machine().live_allocations, 0U);
}

TEST_F(CudaBackend, ProfilesByInstruction) {
  Random random(9);
  const Program program = small_program(random);
  const auto stream = prepare(program, {0})->make_stream({.threads = 1, .profile = true});
  logits_of(*stream, sequences_of(random, {10, 20}), 3);
  double flops = 0;
  for (const ProfileEntry& entry : stream->take_profile()) flops += entry.flops;
  EXPECT_GT(flops, 0);
  EXPECT_TRUE(stream->take_profile().empty());
}

std::string failure_of(const Program& program, const std::vector<int>& devices, ErrorCode code) {
  try {
    prepare(program, devices);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST_F(CudaBackend, SaysWhyThereIsNoDevice) {
  Random random(10);
  const Program program = small_program(random);
  emulated::Machine& machine = emulated::machine();
  machine.driver_version = 0;
  EXPECT_THAT(failure_of(program, {0}, ErrorCode::k_unsupported), HasSubstr("no NVIDIA driver"));
  machine.driver_version = 12020;
  EXPECT_THAT(failure_of(program, {0}, ErrorCode::k_unsupported), HasSubstr("takes CUDA up to 12.2, and this build needs 13.0"));
  machine = emulated::Machine();
  machine.cards.clear();
  EXPECT_THAT(failure_of(program, {0}, ErrorCode::k_unsupported), HasSubstr("CUDA_VISIBLE_DEVICES"));
  machine.cards = {{"Tesla P100", 6, 0}};
  EXPECT_THAT(failure_of(program, {0}, ErrorCode::k_unsupported), HasSubstr("compute capability 6.0"));
  EXPECT_THAT(failure_of(program, {1}, ErrorCode::k_usage), HasSubstr("there is no GPU 1"));
}

TEST_F(CudaBackend, RefusesInt8AndMixedPlans) {
  Random random(11);
  EXPECT_THAT(failure_of(small_program(random, Precision::k_int8), {0}, ErrorCode::k_unsupported),
              HasSubstr("--precision bf16"));
  Program mixed = small_program(random);
  for (Instruction& instruction : mixed.instructions) {
    if (auto* linear = std::get_if<Linear>(&instruction)) {
      linear->precision = Precision::k_bfloat16;
      break;
    }
  }
  EXPECT_THAT(failure_of(mixed, {0}, ErrorCode::k_unsupported), HasSubstr("one --precision"));
}

}  // namespace
}  // namespace hasten::engine::cuda
