#include "engine/first_token.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/cpu/cpu_backend.h"
#include "engine/describe.h"

namespace hasten::engine {
namespace {

Tensor random_tensor(std::mt19937& random, Dims dims) {
  std::normal_distribution<float> normal(0, 0.3F);
  std::vector<float> values(static_cast<std::size_t>(*element_count(dims)));
  for (float& value : values) value = normal(random);
  return make_tensor<float>(std::move(dims), std::move(values));
}

Normalization normalization(std::mt19937& random, std::int64_t width) {
  return {random_tensor(random, {width}), random_tensor(random, {width}), 1e-5F};
}

struct Builder {
  std::mt19937 random{11};
  Program program;

  BufferId linear(BufferId input, std::int64_t outputs, Activation activation, bool transposed) {
    const Buffer source = program.buffer(input);
    const BufferId output = program.add_buffer(source.rows, outputs);
    Linear op;
    op.input = input;
    op.weight = {random_tensor(random, transposed ? Dims{outputs, source.width}
                                                  : Dims{source.width, outputs}),
                 transposed, std::nullopt};
    op.bias = random_tensor(random, {outputs});
    op.activation = activation;
    op.output = output;
    program.instructions.emplace_back(std::move(op));
    return output;
  }
  BufferId add_normalize(BufferId input, BufferId residual) {
    const Buffer source = program.buffer(input);
    const BufferId output = program.add_buffer(source.rows, source.width);
    program.instructions.emplace_back(
        AddNormalize{input, residual, normalization(random, source.width), output});
    return output;
  }
  BufferId layer(BufferId hidden, bool transposed) {
    const std::int64_t width = program.buffer(hidden).width;
    const BufferId packed = linear(hidden, 3 * width, Activation::k_none, transposed);
    const BufferId context = program.add_buffer(Rows::k_tokens, width);
    program.instructions.emplace_back(
        Attention{{packed, 0}, {packed, width}, {packed, 2 * width}, 2, width / 2, 0.3F, context});
    const BufferId attended =
        add_normalize(linear(context, width, Activation::k_none, transposed), hidden);
    const BufferId up = linear(attended, 2 * width, Activation::k_gelu_erf, transposed);
    return add_normalize(linear(up, width, Activation::k_none, transposed), attended);
  }
};

Program make_program(int layers, PoolKind pooling, bool transposed) {
  Builder build;
  const BufferId hidden = build.program.add_buffer(Rows::k_tokens, 12);
  build.program.instructions.emplace_back(
      Embed{{{random_tensor(build.random, {20, 12}), IndexSource::k_token_id, 0}},
            normalization(build.random, 12),
            hidden});
  BufferId last = hidden;
  for (int i = 0; i < layers; ++i) last = build.layer(last, transposed);
  const BufferId pooled = build.program.add_buffer(Rows::k_sequences, 12);
  build.program.instructions.emplace_back(Pool{last, pooling, pooled});
  build.program.logits = build.linear(pooled, 3, Activation::k_none, transposed);
  build.program.class_count = 3;
  build.program.vocabulary_size = 20;
  return std::move(build.program);
}

std::vector<float> run(const Program& program) {
  const std::vector<std::int32_t> ids = {1, 2, 3, 4, 5, 6, 7, 8, 19, 10};
  const std::vector<std::int32_t> types(ids.size(), 0);
  const std::vector<std::int32_t> offsets = {0, 4, 5, 10};
  std::vector<float> logits(9);
  cpu::prepare(program, {})->make_stream({})->run({ids, types, offsets}, logits);
  return logits;
}

TEST(FirstToken, TheLastLayerIsNarrowed) {
  Program program = make_program(1, PoolKind::k_first_token, false);
  ASSERT_TRUE(narrow_to_first_token(program));
  EXPECT_EQ(describe(program), R"(t0[12] = Embed(token_id) normalize
s12[12] = Pool(t0) first_token
s10[12] = Linear(s12) 12x12 bias
t11[24] = Linear(t0) 12x24 bias
s2[12] = Attention(s10+0, t11+0, t11+12) heads 2
s3[12] = Linear(s2) 12x12 bias
s4[12] = AddNormalize(s3, s12)
s5[24] = Linear(s4) 12x24 bias gelu_erf
s6[12] = Linear(s5) 24x12 bias
s7[12] = AddNormalize(s6, s4)
s9[3] = Linear(s7) 12x3 bias
logits s9
)");
}

TEST(FirstToken, ResultsAreBitwiseTheSame) {
  for (const bool transposed : {false, true}) {
    for (const int layers : {1, 3}) {
      const Program whole = make_program(layers, PoolKind::k_first_token, transposed);
      Program narrowed = whole;
      ASSERT_TRUE(narrow_to_first_token(narrowed));
      EXPECT_EQ(run(narrowed), run(whole)) << layers << " layers";
    }
  }
}

TEST(FirstToken, AMeanOverAllTokensIsLeftAlone) {
  Program program = make_program(2, PoolKind::k_mean, false);
  const std::string before = describe(program);
  EXPECT_FALSE(narrow_to_first_token(program));
  EXPECT_EQ(describe(program), before);
}

TEST(FirstToken, AProgramWithoutAttentionIsLeftAlone) {
  Program program = make_program(0, PoolKind::k_first_token, false);
  EXPECT_FALSE(narrow_to_first_token(program));
}

}  // namespace
}  // namespace hasten::engine
