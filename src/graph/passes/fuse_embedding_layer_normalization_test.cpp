#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

constexpr std::string_view k_tables = R"(
  opset com.microsoft 1
  input input_ids int64[batch, n]
  input token_type_ids int64[batch, n]
  const words float32[10, 4] = ...
  const types float32[2, 4] = ...
  const places float32[6, 4] = ...
  const gamma float32[4] = 1.0 0.5 2.0 1.5
  const beta float32[4] = 0.0 -1.0 1.0 0.5
)";

constexpr std::string_view k_positions = R"(
  const all int64[1, 6] = 0 1 2 3 4 5
  const zero int64[1] = 0
  const one int64[1] = 1
  shape = Shape(input_ids)
  length = Gather(shape, one)
  positions = Slice(all, zero, length, one)
)";

std::map<std::string, Tensor> inputs() {
  return {{"input_ids", make_tensor<std::int64_t>({2, 4}, {1, 5, 9, 0, 3, 3, 7, 2})},
          {"token_type_ids", make_tensor<std::int64_t>({2, 4}, {0, 0, 1, 1, 0, 1, 1, 1})}};
}

TEST(FuseEmbeddingLayerNormalization, CountedPositionsAreLeftOut) {
  const std::string before = std::string(k_tables) + std::string(k_positions) + R"(
    w = Gather(words, input_ids)
    t = Gather(types, token_type_ids)
    p = Gather(places, positions)
    s = Add(w, t)
    e = Add(s, p)
    y = LayerNormalization(e, gamma, beta) {axis=-1, epsilon=1e-12}
    output y
  )";
  EXPECT_EQ(rewrite(fuse_embedding_layer_normalization, before).text,
            normalized(std::string(k_tables) + R"(
    input_ids.int32 int32[batch, n] = Cast(input_ids) {to=6}
    token_type_ids.int32 int32[batch, n] = Cast(token_type_ids) {to=6}
    y, y.mask_index int32 = com.microsoft.EmbedLayerNormalization(
        input_ids.int32, token_type_ids.int32, words, places, types, gamma, beta) {epsilon=1e-12}
    output y
  )"));
  EXPECT_LT(difference_after(fuse_embedding_layer_normalization, before, inputs()), 1e-9);
}

// As exports for texts of one length have them: looked up when they were written.
TEST(FuseEmbeddingLayerNormalization, RowsOfPositionsAreATable) {
  const std::string before = R"(
    opset com.microsoft 1
    input input_ids int64[2, 4]
    const words float32[10, 2] = ...
    const gamma float32[2] = 1.0 0.5
    const beta float32[2] = 0.0 -1.0
    const places float32[1, 4, 2] = 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8
    const types float32[1, 4, 2] = 0.5 -0.5 0.5 -0.5 0.5 -0.5 0.5 -0.5
    w = Gather(words, input_ids)
    s = Add(w, types)
    e = Add(s, places)
    y = LayerNormalization(e, gamma, beta) {axis=-1, epsilon=1e-12}
    output y
  )";
  EXPECT_THAT(rewrite(fuse_embedding_layer_normalization, before).text,
              testing::HasSubstr("EmbedLayerNormalization(input_ids.int32, _, words, "
                                 "places.table.shifted, _, gamma, beta) {epsilon=1e-12}"));
  EXPECT_LT(difference_after(fuse_embedding_layer_normalization, before,
                             {{"input_ids", inputs().at("input_ids")}}),
            1e-7);
}

TEST(FuseEmbeddingLayerNormalization, OtherPositionsBecomeAnInput) {
  const std::string before = std::string(k_tables) + std::string(k_positions) + R"(
    const two int64[] = 2
    later = Add(positions, two)
    w = Gather(words, input_ids)
    p = Gather(places, later)
    e = Add(p, w)
    y = LayerNormalization(e, gamma, beta)
    output y
  )";
  const Rewritten result = rewrite(fuse_embedding_layer_normalization, before);
  EXPECT_THAT(result.text,
              testing::HasSubstr("com.microsoft.EmbedLayerNormalization(input_ids.int32, _, words, "
                                 "places, _, gamma, beta, _, later.int32)"));
  EXPECT_LT(difference_after(fuse_embedding_layer_normalization, before, inputs()), 1e-9);
}

TEST(FuseEmbeddingLayerNormalization, AConstantMovesIntoThePositions) {
  const std::string before = std::string(k_tables) + std::string(k_positions) + R"(
    const type float32[4] = 0.5 -0.5 0.25 1.0
    w = Gather(words, input_ids)
    t = Add(w, type)
    p = Gather(places, positions)
    e = Add(t, p)
    y = LayerNormalization(e, gamma, beta)
    output y
  )";
  const Rewritten result = rewrite(fuse_embedding_layer_normalization, before);
  EXPECT_THAT(result.text,
              testing::HasSubstr("(input_ids.int32, _, words, places.shifted, _, gamma"));
  EXPECT_LT(difference_after(fuse_embedding_layer_normalization, before, inputs()), 1e-6);
}

TEST(FuseEmbeddingLayerNormalization, HalfPrecisionTablesAreWidened) {
  const std::string before = std::string(k_tables) + std::string(k_positions) + R"(
    const half float16[10, 4] = ...
    g = Gather(half, input_ids)
    w = Cast(g) {to=1}
    p = Gather(places, positions)
    e = Add(w, p)
    y = LayerNormalization(e, gamma, beta)
    output y
  )";
  EXPECT_THAT(rewrite(fuse_embedding_layer_normalization, before).text,
              testing::HasSubstr("half.float32 = Cast(half) {to=1}"));
  EXPECT_LT(difference_after(fuse_embedding_layer_normalization, before, inputs()), 1e-9);
}

// The operator has room for two tables beside that of positions.
TEST(FuseEmbeddingLayerNormalization, LeavesAThirdLookupAlone) {
  const Rewritten result = rewrite(fuse_embedding_layer_normalization, R"(
    opset com.microsoft 1
    input input_ids int64[2, 4]
    input token_type_ids int64[2, 4]
    input cases int64[2, 4]
    const words float32[10, 2] = ...
    const types float32[2, 2] = ...
    const shapes float32[2, 2] = ...
    const gamma float32[2] = 1.0 0.5
    const beta float32[2] = 0.0 -1.0
    const places float32[1, 4, 2] = 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8
    w = Gather(words, input_ids)
    t = Gather(types, token_type_ids)
    c = Gather(shapes, cases)
    wt = Add(w, t)
    wtc = Add(wt, c)
    e = Add(wtc, places)
    y = LayerNormalization(e, gamma, beta)
    output y
  )");
  EXPECT_EQ(result.outcome.rewrites, 0U);
}

TEST(FuseEmbeddingLayerNormalization, LeavesOtherSumsAlone) {
  const Rewritten result = rewrite(fuse_embedding_layer_normalization, std::string(k_tables) + R"(
    w = Gather(words, input_ids)
    t = Gather(types, token_type_ids)
    e = Add(w, t)
    y = LayerNormalization(e, gamma, beta)
    output y
  )");
  EXPECT_EQ(result.outcome.rewrites, 0U);
}

}  // namespace
}  // namespace hasten::graph
