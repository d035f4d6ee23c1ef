// Random programs and batches. For tests only.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "engine/cpu/reference_for_tests.h"
#include "engine/program.h"

namespace hasten::engine::cpu::reference {

using Random = std::mt19937;

inline Tensor random_tensor(Random& random, Dims dims, float scale, float center = 0) {
  std::normal_distribution<float> normal(center, scale);
  std::vector<float> values(static_cast<std::size_t>(*element_count(dims)));
  for (float& value : values) value = normal(random);
  return make_tensor<float>(std::move(dims), std::move(values));
}

inline Normalization random_normalization(Random& random, std::int64_t width) {
  return {random_tensor(random, {width}, 0.2F, 1.0F), random_tensor(random, {width}, 0.2F), 1e-12F};
}

struct ModelShape {
  std::int64_t hidden = 32;
  std::int64_t intermediate = 64;
  std::int64_t heads = 2;
  int layers = 2;
  std::int64_t classes = 3;
  Activation activation = Activation::k_gelu_erf;
  bool packed_qkv = true;
  bool last_layer_first_token = true;
  PoolKind pool = PoolKind::k_first_token;
  Precision precision = Precision::k_float32;
};

inline constexpr std::int64_t k_vocabulary = 50;
inline constexpr std::int64_t k_positions = 200;

// A BERT-like classifier with random weights.
class ModelMaker {
 public:
  ModelMaker(Random& random, const ModelShape& shape) : random_(random), shape_(shape) {}

  Program make() {
    program_.class_count = shape_.classes;
    program_.vocabulary_size = k_vocabulary;
    program_.type_count = 2;
    program_.position_limit = k_positions;
    BufferId x = embed();
    for (int layer = 0; layer < shape_.layers; ++layer) {
      const bool last = layer + 1 == shape_.layers && shape_.last_layer_first_token &&
                        shape_.pool == PoolKind::k_first_token;
      x = block(x, last);
    }
    program_.logits = head(x);
    return program_;
  }

 private:
  BufferId embed() {
    const std::int64_t h = shape_.hidden;
    const BufferId x = program_.add_buffer(Rows::k_tokens, h);
    program_.instructions.push_back(
        Embed{{{random_tensor(random_, {k_vocabulary, h}, 1), IndexSource::k_token_id, 0},
               {random_tensor(random_, {2, h}, 1), IndexSource::k_type_id, 0},
               {random_tensor(random_, {k_positions + 8, h}, 1), IndexSource::k_padded_position, 1},
               {random_tensor(random_, {k_positions + 8, h}, 1), IndexSource::k_position, 2}},
              random_normalization(random_, h),
              x});
    return x;
  }

  BufferId linear(BufferId input, std::int64_t outputs, Activation activation = Activation::k_none,
                  BufferId residual = k_no_buffer) {
    const Buffer from = program_.buffer(input);
    const BufferId output = program_.add_buffer(from.rows, outputs);
    transposed_ = !transposed_;
    const Dims dims = transposed_ ? Dims{outputs, from.width} : Dims{from.width, outputs};
    const float scale = 1.0F / std::sqrt(static_cast<float>(from.width));
    program_.instructions.push_back(Linear{input,
                                           {random_tensor(random_, dims, scale), transposed_, {}},
                                           random_tensor(random_, {outputs}, 0.1F),
                                           activation,
                                           residual,
                                           shape_.precision,
                                           output});
    return output;
  }

  BufferId add_normalize(BufferId input, BufferId residual) {
    const std::int64_t width = program_.buffer(input).width;
    program_.instructions.push_back(
        AddNormalize{input, residual, random_normalization(random_, width), input});
    return input;
  }

  BufferId first_token(BufferId input) {
    const BufferId output = program_.add_buffer(Rows::k_sequences, program_.buffer(input).width);
    program_.instructions.push_back(Pool{input, PoolKind::k_first_token, output});
    return output;
  }

  BufferId block(BufferId x, bool first_token_only) {
    const std::int64_t h = shape_.hidden;
    Attention attention;
    attention.heads = shape_.heads;
    attention.head_size = h / shape_.heads;
    attention.scale = 1.0F / std::sqrt(static_cast<float>(attention.head_size));
    BufferId residual = x;
    if (shape_.packed_qkv && !first_token_only) {
      const BufferId qkv = linear(x, 3 * h);
      attention.query = {qkv, 0};
      attention.key = {qkv, h};
      attention.value = {qkv, 2 * h};
    } else {
      if (first_token_only) residual = first_token(x);
      attention.query = {linear(residual, h), 0};
      const BufferId key_value = linear(x, 2 * h);
      attention.key = {key_value, 0};
      attention.value = {key_value, h};
    }
    attention.output = program_.add_buffer(program_.buffer(residual).rows, h);
    program_.instructions.push_back(attention);
    const BufferId middle = add_normalize(linear(attention.output, h), residual);
    const BufferId wide = linear(middle, shape_.intermediate, shape_.activation);
    if (shape_.layers % 2 == 0) return add_normalize(linear(wide, h), middle);
    return add_normalize(linear(wide, h, Activation::k_none, middle), k_no_buffer);
  }

  BufferId head(BufferId x) {
    if (program_.buffer(x).rows == Rows::k_tokens) {
      const BufferId pooled = program_.add_buffer(Rows::k_sequences, shape_.hidden);
      program_.instructions.push_back(Pool{x, shape_.pool, pooled});
      x = pooled;
    }
    const BufferId dense = linear(x, shape_.hidden);
    program_.instructions.push_back(Activate{dense, Activation::k_tanh, dense});
    const BufferId sum = program_.add_buffer(Rows::k_sequences, shape_.hidden);
    program_.instructions.push_back(Add{dense, x, sum});
    return linear(sum, shape_.classes);
  }

  Random& random_;
  ModelShape shape_;
  Program program_;
  bool transposed_ = false;
};

inline Sequence random_sequence(Random& random, std::size_t length) {
  std::uniform_int_distribution<std::int32_t> token(0, k_vocabulary - 1);
  std::uniform_int_distribution<std::int32_t> type(0, 1);
  Sequence sequence;
  for (std::size_t i = 0; i < length; ++i) {
    sequence.token_ids.push_back(token(random));
    sequence.type_ids.push_back(type(random));
  }
  return sequence;
}

// Sequences side by side.
struct PackedBatch {
  std::vector<std::int32_t> token_ids, type_ids, offsets{0};
  explicit PackedBatch(const std::vector<Sequence>& sequences) {
    for (const Sequence& sequence : sequences) {
      token_ids.insert(token_ids.end(), sequence.token_ids.begin(), sequence.token_ids.end());
      type_ids.insert(type_ids.end(), sequence.type_ids.begin(), sequence.type_ids.end());
      offsets.push_back(static_cast<std::int32_t>(token_ids.size()));
    }
  }
  RaggedBatch view() const { return {token_ids, type_ids, offsets}; }
};

}  // namespace hasten::engine::cpu::reference
