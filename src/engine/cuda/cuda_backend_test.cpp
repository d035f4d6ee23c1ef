// The kernels, on the emulated machine (emulation/README.md) and on a card, against the double-precision reference
// that the CPU's kernels are tested with.
#include <gmock/gmock.h>

#include "base/float8.h"
#include "base/half.h"
#include "engine/cpu/attention_programs_for_tests.h"
#include "engine/cuda/backend_for_tests.h"

namespace hasten::engine::cuda {
namespace {

using testing::HasSubstr;

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

// Embeddings and one product of them, at the first token.
Program product_program(Random& random, std::int64_t inputs, std::int64_t outputs,
                        Activation activation) {
  Program program;
  const BufferId x = program.add_buffer(Rows::k_tokens, inputs);
  const BufferId y = program.add_buffer(Rows::k_tokens, outputs);
  const BufferId first = program.add_buffer(Rows::k_sequences, outputs);
  const Tensor table =
      cpu::reference::random_tensor(random, {cpu::reference::k_vocabulary, inputs}, 2);
  program.instructions.emplace_back(Embed{{{table, IndexSource::k_token_id, 0}}, {}, x});
  Linear linear{x,
                {cpu::reference::random_tensor(random, {inputs, outputs}, 0.2F), false, {}},
                cpu::reference::random_tensor(random, {outputs}, 1),
                activation};
  linear.precision = Precision::k_float8;
  linear.output = y;
  program.instructions.emplace_back(linear);
  program.instructions.emplace_back(Pool{y, PoolKind::k_first_token, first});
  program.logits = first;
  program.class_count = outputs;
  return program;
}

// What float8 makes of a row, in double precision.
std::vector<double> quantized(const std::vector<double>& row) {
  double largest = 0;
  for (const double value : row) largest = std::max(largest, std::fabs(value));
  const float scale = static_cast<float>(largest) / k_largest_float8;
  std::vector<double> result;
  for (const double value : row) {
    result.push_back(double{scale} *
                     double{float8_to_float(float_to_float8(static_cast<float>(value) / scale))});
  }
  return result;
}

// The logits of product_program() for a text's first token.
std::vector<double> quantized_product(const Program& program, std::int32_t token) {
  const auto table = to_float32(std::get<Embed>(program.instructions[0]).lookups[0].table);
  const auto& linear = std::get<Linear>(program.instructions[1]);
  const auto inputs = static_cast<std::size_t>(linear.weight.inputs());
  std::vector<double> x;
  for (std::size_t k = 0; k < inputs; ++k) {
    x.push_back(double{
        bfloat16_to_float(float_to_bfloat16(table[static_cast<std::size_t>(token) * inputs + k]))});
  }
  x = quantized(x);
  const cpu::reference::Matrix weight = cpu::reference::dense(linear.weight);
  std::vector<double> result = to_float64(*linear.bias);
  for (std::size_t n = 0; n < result.size(); ++n) {
    std::vector<double> column;
    for (const auto& row : weight) column.push_back(row[n]);
    column = quantized(column);
    for (std::size_t k = 0; k < inputs; ++k) result[n] += x[k] * column[k];
    result[n] = cpu::reference::activated(linear.activation, result[n]);
  }
  return result;
}

// Embeddings, gated, beside their neighbours, averaged.
Program gated_program(Random& random, Activation activation) {
  constexpr std::int64_t k_width = 6;
  Program program;
  const BufferId x = program.add_buffer(Rows::k_tokens, 2 * k_width);
  const BufferId gated = program.add_buffer(Rows::k_tokens, k_width);
  const BufferId wide = program.add_buffer(Rows::k_tokens, 3 * k_width);
  const BufferId mean = program.add_buffer(Rows::k_sequences, 3 * k_width);
  const Tensor table =
      cpu::reference::random_tensor(random, {cpu::reference::k_vocabulary, 2 * k_width}, 2);
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

class CudaPrecisions : public testing::TestWithParam<PrecisionCase> {
 protected:
  void SetUp() override {
    if (GetParam().precision == Precision::k_float8 && !multiplies_float8(0))
      GTEST_SKIP() << "no fp8 on this card";
  }
};

TEST_P(CudaPrecisions, EqualTheDoublePrecisionReference) {
  Random random(1);
  for (const ModelShape& shape : shapes(GetParam().precision)) {
    Program program = ModelMaker(random, shape).make();
    keep_from_float8(program);
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

TEST(CudaBackend, AttendsByDistanceRotationAndWindow) {
  for (const cpu::reference::AttentionCase& tested : cpu::reference::attention_cases()) {
    const Program program = cpu::reference::AttentionMaker(tested).make();
    Random random(5);
    const auto sequences = sequences_of(random, {5, 1, 24, 70});
    const auto logits =
        logits_of(*prepare(program, {0})->make_stream({}), sequences, program.class_count);
    std::size_t at = 0;
    for (const Sequence& sequence : sequences) {
      for (const double expected : cpu::reference::run(program, sequence)) {
        ASSERT_NEAR(logits[at++], expected, 1e-4) << tested.heads << " of " << tested.head_size;
      }
    }
  }
}

// Exactly the product of what rows and columns are rounded to.
TEST(CudaBackend, MultipliesFloat8WithAScaleForEachRowAndColumn) {
  if (!multiplies_float8(0)) GTEST_SKIP() << "no fp8 on this card";
  Random random(13);
  for (const auto& [inputs, outputs, activation] :
       std::vector<std::tuple<std::int64_t, std::int64_t, Activation>>{
           {16, 16, Activation::k_none},
           {48, 112, Activation::k_gelu_erf},
           {320, 16, Activation::k_relu}}) {
    const Program program = product_program(random, inputs, outputs, activation);
    const auto sequences = sequences_of(random, {3, 1, 70});
    const auto logits = logits_of(*prepare(program, {0})->make_stream({}), sequences, outputs);
    std::size_t at = 0;
    for (const Sequence& sequence : sequences) {
      for (const double expected : quantized_product(program, sequence.token_ids.front())) {
        ASSERT_NEAR(logits[at++], expected, 2e-5 * (1 + std::fabs(expected)))
            << inputs << " x " << outputs;
      }
    }
  }
}

TEST(CudaBackend, GatesAndGathersNeighbors) {
  for (int kind = 0; kind <= static_cast<int>(Activation::k_laplace); ++kind) {
    Random random(9);
    const Program program = gated_program(random, static_cast<Activation>(kind));
    const auto sequences = sequences_of(random, {1, 7, 2});
    const auto logits =
        logits_of(*prepare(program, {0})->make_stream({}), sequences, program.class_count);
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
    Program program = ModelMaker(random, shape).make();
    keep_from_float8(program);
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
                                         PrecisionCase{Precision::k_bfloat16, 8e-2},
                                         PrecisionCase{Precision::k_float8, 0.4}));

TEST(CudaBackend, ProfilesByInstruction) {
  Random random(9);
  const Program program = small_program(random);
  const auto stream = prepare(program, {0})->make_stream({.threads = 1, .profile = true});
  logits_of(*stream, sequences_of(random, {10, 20}), 3);
  double flops = 0;
  for (const ProfileEntry& entry : stream->take_profile()) flops += entry.flops;
  EXPECT_GT(flops, 0);
  EXPECT_TRUE(stream->take_profile().empty());
}

TEST(CudaBackend, RefusesInt8AndMixedPlans) {
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
