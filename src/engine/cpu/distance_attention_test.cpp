// Attention by distance, rotation and window, gates and neighbours, against double precision on
// every instruction set.
#include <gtest/gtest.h>

#include "engine/cpu/cpu_backend.h"
#include "engine/cpu/programs_for_tests.h"

namespace hasten::engine::cpu {
namespace {

using reference::PackedBatch;
using reference::Random;
using reference::Sequence;

constexpr std::int64_t k_limit = 700;

struct Case {
  std::int64_t heads, head_size;
  bool by_query = false, by_key = false, bias = false, rotation = false;
  std::optional<std::int64_t> window = {};
  bool first_token = false;
  bool shared_vectors = false;  // one vector for all heads, not projected
  std::int64_t entries = 64;
};

std::vector<Case> cases() {
  return {
      {.heads = 2, .head_size = 16, .by_query = true, .by_key = true},
      {.heads = 3, .head_size = 26, .by_query = true, .by_key = true, .first_token = true},
      {.heads = 2, .head_size = 5, .by_query = true, .shared_vectors = true},
      {.heads = 2, .head_size = 5, .by_query = true, .by_key = true, .shared_vectors = true},
      {.heads = 1, .head_size = 64, .by_key = true},
      {.heads = 4, .head_size = 9, .bias = true},
      {.heads = 2, .head_size = 33, .bias = true, .first_token = true},
      {.heads = 2, .head_size = 64, .rotation = true, .window = 64},
      {.heads = 2, .head_size = 10, .rotation = true},
      {.heads = 1, .head_size = 40, .rotation = true, .window = 3, .first_token = true},
      {.heads = 3, .head_size = 8, .window = 0},
      {.heads = 2, .head_size = 20, .bias = true, .rotation = true, .window = 17},
  };
}

class Maker {
 public:
  explicit Maker(const Case& tested) : case_(tested) {}

  Program make() {
    const std::int64_t width = case_.heads * case_.head_size;
    const BufferId x = program_.add_buffer(Rows::k_tokens, 3 * width + 7);
    program_.instructions.emplace_back(
        Embed{{{reference::random_tensor(random_, {reference::k_vocabulary, 3 * width + 7}, 1),
                IndexSource::k_token_id, 0},
               {reference::random_tensor(random_, {k_limit, 3 * width + 7}, 1),
                IndexSource::k_position, 0}},
              {},
              x});
    Attention attention;
    attention.heads = case_.heads;
    attention.head_size = case_.head_size;
    attention.scale = 0.6F / std::sqrt(static_cast<float>(case_.head_size));
    attention.query = {case_.first_token ? pooled(x, PoolKind::k_first_token) : x, 7};
    attention.key = {x, 7 + width};
    attention.value = {x, 3};
    attention.window = case_.window;
    if (case_.rotation) {
      attention.rotation = {reference::random_tensor(random_, {k_limit, case_.head_size}, 1),
                            reference::random_tensor(random_, {k_limit, case_.head_size}, 1)};
    }
    if (case_.by_query || case_.by_key || case_.bias) attention.distance_scores = scores();
    attention.output = program_.add_buffer(program_.buffer(attention.query.buffer).rows, width);
    program_.instructions.emplace_back(attention);
    program_.logits =
        case_.first_token ? attention.output : pooled(attention.output, PoolKind::k_mean);
    program_.class_count = width;
    return program_;
  }

 private:
  BufferId pooled(BufferId input, PoolKind kind) {
    const BufferId output = program_.add_buffer(Rows::k_sequences, program_.buffer(input).width);
    program_.instructions.emplace_back(Pool{input, kind, output});
    return output;
  }

  DistanceScores scores() {
    DistanceScores scores;
    scores.limit = k_limit;
    if (case_.by_query) scores.by_query = vectors(0.21F);
    if (case_.by_key) scores.by_key = vectors(0.17F);
    if (case_.bias) {
      scores.bias = reference::random_tensor(random_, {case_.heads, 2 * k_limit - 1}, 1);
    }
    return scores;
  }

  DistanceVectors vectors(float scale) {
    const std::int64_t width = case_.heads * case_.head_size;
    DistanceVectors vectors;
    vectors.scale = scale;
    if (case_.shared_vectors) {
      vectors.rows = reference::random_tensor(random_, {case_.entries, case_.head_size}, 0.5F);
    } else {
      vectors.rows = reference::random_tensor(random_, {case_.entries, 12}, 0.3F);
      vectors.weight = {reference::random_tensor(random_, {width, 12}, 0.3F), true, {}};
      vectors.bias = reference::random_tensor(random_, {width}, 0.3F);
    }
    std::uniform_int_distribution<std::int32_t> entry(0,
                                                      static_cast<std::int32_t>(case_.entries - 1));
    for (std::int64_t i = 0; i < 2 * k_limit - 1; ++i) vectors.entries.push_back(entry(random_));
    return vectors;
  }

  Random random_{77};
  Case case_;
  Program program_;
};

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
  for (const Case& tested : cases()) {
    const Program program = Maker(tested).make();
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
  for (const Case& tested : cases()) {
    const Program program = Maker(tested).make();
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
  Case tested{.heads = 1, .head_size = 12, .by_query = true, .by_key = true, .bias = true};
  for (const std::int64_t window : {700, 100}) {
    tested.window = window;
    tested.first_token = window == 700;
    const Program program = Maker(tested).make();
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
