// Programs of one attention by distance, rotation or window, for the tests of every device.
#pragma once

#include <optional>
#include <vector>

#include "engine/cpu/programs_for_tests.h"

namespace hasten::engine::cpu::reference {

inline constexpr std::int64_t k_limit = 700;

struct AttentionCase {
  std::int64_t heads, head_size;
  bool by_query = false, by_key = false, bias = false, rotation = false;
  std::optional<std::int64_t> window = {};
  bool first_token = false;
  bool shared_vectors = false;  // one vector for all heads, not projected
  std::int64_t entries = 64;
};

inline std::vector<AttentionCase> attention_cases() {
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

class AttentionMaker {
 public:
  explicit AttentionMaker(const AttentionCase& tested) : case_(tested) {}

  Program make() {
    const std::int64_t width = case_.heads * case_.head_size;
    const BufferId x = program_.add_buffer(Rows::k_tokens, 3 * width + 7);
    program_.instructions.emplace_back(Embed{
        {{random_tensor(random_, {k_vocabulary, 3 * width + 7}, 1), IndexSource::k_token_id, 0},
         {random_tensor(random_, {k_limit, 3 * width + 7}, 1), IndexSource::k_position, 0}},
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
      attention.rotation = {random_tensor(random_, {k_limit, case_.head_size}, 1),
                            random_tensor(random_, {k_limit, case_.head_size}, 1)};
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
      scores.bias = random_tensor(random_, {case_.heads, 2 * k_limit - 1}, 1);
    }
    return scores;
  }

  DistanceVectors vectors(float scale) {
    const std::int64_t width = case_.heads * case_.head_size;
    DistanceVectors vectors;
    vectors.scale = scale;
    if (case_.shared_vectors) {
      vectors.rows = random_tensor(random_, {case_.entries, case_.head_size}, 0.5F);
    } else {
      vectors.rows = random_tensor(random_, {case_.entries, 12}, 0.3F);
      vectors.weight = {random_tensor(random_, {width, 12}, 0.3F), true, {}};
      vectors.bias = random_tensor(random_, {width}, 0.3F);
    }
    std::uniform_int_distribution<std::int32_t> entry(0,
                                                      static_cast<std::int32_t>(case_.entries - 1));
    for (std::int64_t i = 0; i < 2 * k_limit - 1; ++i) vectors.entries.push_back(entry(random_));
    return vectors;
  }

  Random random_{77};
  AttentionCase case_;
  Program program_;
};

}  // namespace hasten::engine::cpu::reference
