// Quantised operators against hand-computed values and against their definition in other operators;
// those of the main domain are covered by the ONNX node cases as well (node_cases_test.cpp).
#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"
#include "graph/run_text_for_test.h"

namespace hasten::graph {
namespace {

using testing::DoubleNear;
using testing::Pointwise;

TEST(Quantize, RoundsTiesToEvenAndSaturates) {
  EXPECT_EQ(evaluate("const x float32[6] = 0.5 1.5 2.5 -0.5 1000.0 -1000.0\nconst s float32[] = "
                     "1.0\nconst z uint8[] = 10",
                     "QuantizeLinear(x, s, z)"),
            (std::vector<double>{10, 12, 12, 10, 255, 0}));
  EXPECT_EQ(
      evaluate("const x float32[2] = 300.0 -300.0\nconst s float32[] = 2.0\nconst z int8[] = 0",
               "QuantizeLinear(x, s, z)"),
      (std::vector<double>{127, -128}));
}

TEST(Quantize, DequantizesAlongAnAxis) {
  EXPECT_EQ(evaluate("const x int8[2, 2] = 1 2 3 4\nconst s float32[2] = 1.0 10.0\nconst z int8[2] "
                     "= 1 0",
                     "DequantizeLinear(x, s, z) {axis=1}"),
            (std::vector<double>{0, 20, 2, 40}));
  EXPECT_EQ(evaluate("const x int8[2, 2] = 1 2 3 4\nconst s float32[2] = 1.0 10.0",
                     "DequantizeLinear(x, s) {axis=0}"),
            (std::vector<double>{1, 2, 30, 40}));
}

TEST(Quantize, HasNoFiniteScaleForARangeThatNoFloatHolds) {
  for (const char* values : {"3e38 -3e38", "inf 1.0", "-inf 1.0"}) {
    const std::string x =
        std::string("const x float32[2] = ") + values + "\nq, s, z = DynamicQuantizeLinear(x)";
    EXPECT_TRUE(std::isinf(evaluate(x, "Identity(s)")[0])) << values;
    EXPECT_EQ(evaluate(x, "Identity(z)"), std::vector<double>{0}) << values;
  }
}

TEST(Quantize, ChoosesAScaleThatHoldsZero) {
  const std::string x = "const x float32[3] = 1.0 2.0 255.0\nq, s, z = DynamicQuantizeLinear(x)";
  EXPECT_EQ(evaluate(x, "Identity(q)"), (std::vector<double>{1, 2, 255}));
  EXPECT_EQ(evaluate(x, "Identity(s)"), std::vector<double>{1});
  EXPECT_EQ(evaluate(x, "Identity(z)"), std::vector<double>{0});
  EXPECT_EQ(
      evaluate("const x float32[2] = 0.0 0.0\nq, s, z = DynamicQuantizeLinear(x)", "Identity(s)"),
      std::vector<double>{1});
}

TEST(Quantize, MultipliesIntegersWithZeroPoints) {
  const std::string constants = R"(
    const a uint8[2, 2] = 1 2 3 4
    const b int8[2, 2] = 1 -1 2 0
    const az uint8[] = 1
    const bz int8[2] = 0 1
  )";
  EXPECT_EQ(evaluate(constants, "MatMulInteger(a, b, az, bz)"),
            (std::vector<double>{2, -1, 8, -7}));
}

TEST(Quantize, FusedProductsEqualTheirParts) {
  const std::string constants = R"(
    const x float32[3, 8] = ...
    const b int8[8, 4] = ...
    const bs float32[4] = 0.5 0.25 2.0 1.0
    const bz int8[4] = 0 1 -1 3
    const bias float32[4] = 1.0 2.0 3.0 4.0
    q, s, z = DynamicQuantizeLinear(x)
    product = MatMulInteger(q, b, z, bz)
    cast = Cast(product) {to=1}
    both = Mul(s, bs)
    scaled = Mul(cast, both)
  )";
  const auto expected = evaluate(constants, "Add(scaled, bias)");
  EXPECT_THAT(evaluate(constants, "com.microsoft.DynamicQuantizeMatMul(x, b, bs, bz, bias)"),
              Pointwise(DoubleNear(1e-9), expected));
  EXPECT_THAT(evaluate(constants, "com.microsoft.MatMulIntegerToFloat(q, b, s, bs, z, bz, bias)"),
              Pointwise(DoubleNear(1e-9), expected));
}

TEST(Quantize, AttentionEqualsAttentionOfWhatItStandsFor) {
  const std::string constants = R"(
    const x uint8[2, 3, 4] = ...
    const w int8[4, 12] = ...
    const bias float32[12] = ...
    const xs float32[] = 0.01
    const ws float32[] = 0.02
    const xz uint8[] = 128
    const wz int8[] = 0
    const mask int32[2, 3] = 1 1 0 1 1 1
    xf = DequantizeLinear(x, xs, xz)
    wf = DequantizeLinear(w, ws, wz)
  )";
  EXPECT_THAT(
      evaluate(constants,
               "com.microsoft.QAttention(x, w, bias, xs, ws, mask, xz, wz) {num_heads=2}"),
      Pointwise(DoubleNear(1e-9),
                evaluate(constants, "com.microsoft.Attention(xf, wf, bias, mask) {num_heads=2}")));
}

TEST(Quantize, EmbeddingsEqualWhatTheyStandFor) {
  const std::string constants = R"(
    const ids int32[1, 2] = 1 0
    const word uint8[2, 4] = ...
    const position uint8[2, 4] = ...
    const g uint8[4] = 10 20 30 40
    const b uint8[4] = 1 2 3 4
    const s float32[] = 0.1
    const z uint8[] = 3
    wf = DequantizeLinear(word, s, z)
    pf = DequantizeLinear(position, s, z)
    gf = DequantizeLinear(g, s, z)
    bf = DequantizeLinear(b, s, z)
    plain, _ = com.microsoft.EmbedLayerNormalization(ids, _, wf, pf, _, gf, bf)
    quantised, _ = com.microsoft.QEmbedLayerNormalization(ids, _, word, position, _, g, b, _, s, s, _, s, s, z, z, _, z, z)
  )";
  EXPECT_THAT(evaluate(constants, "Identity(quantised)"),
              Pointwise(DoubleNear(1e-9), evaluate(constants, "Identity(plain)")));
}

TEST(Quantize, QLinearOperatorsQuantiseTheirResult) {
  const std::string constants = R"(
    const a uint8[2] = 10 20
    const b uint8[2] = 1 2
    const s float32[] = 0.5
    const z uint8[] = 0
    const ys float32[] = 1.0
    const yz uint8[] = 3
  )";
  EXPECT_EQ(evaluate(constants, "com.microsoft.QLinearAdd(a, s, z, b, s, z, ys, yz)"),
            (std::vector<double>{9, 14}))
      << "5.5 rounds to 6";
  EXPECT_EQ(evaluate(constants, "com.microsoft.QLinearMul(a, s, z, b, s, z, ys, yz)"),
            (std::vector<double>{5, 13}))
      << "2.5 rounds to 2";
  EXPECT_EQ(evaluate(constants, "com.microsoft.QLinearConcat(ys, yz, a, s, z, b, s, z) {axis=0}"),
            (std::vector<double>{8, 13, 3, 4}));
}

TEST(Quantize, RefusesMatricesThatAreNotOfBytes) {
  EXPECT_THROW(evaluate("const a int64[1, 1] = 1\nconst b int8[1, 1] = 1", "MatMulInteger(a, b)"),
               Error);
  EXPECT_THROW(evaluate("const x int8[2] = 1 2\nconst s float32[3] = 1 1 1",
                        "DequantizeLinear(x, s) {axis=0}"),
               Error);
}

TEST(Fused, GemmAppliesItsActivation) {
  const std::string constants =
      "const a float32[1, 2] = 1 -1\nconst b float32[2, 2] = 1 2 3 4\nconst c float32[2] = 0 10";
  EXPECT_EQ(evaluate(constants, "com.microsoft.FusedGemm(a, b, c) {activation=\"Relu\"}"),
            (std::vector<double>{0, 8}));
  EXPECT_THAT(
      evaluate(constants,
               "com.microsoft.FusedGemm(a, b, c) {activation=\"LeakyRelu\", activation_alpha=0.5}"),
      Pointwise(DoubleNear(1e-6), std::vector<double>{-1, 8}));
}

TEST(Einsum, LinesUpItsLetters) {
  const std::string constants = "const a float32[2, 2] = 1 2 3 4\nconst b float32[2, 2] = 1 0 1 1";
  EXPECT_EQ(evaluate(constants, "Einsum(a, b) {equation=\"ij,jk->ik\"}"),
            (std::vector<double>{3, 2, 7, 4}));
  EXPECT_EQ(evaluate(constants, "Einsum(a) {equation=\"ij->ji\"}"),
            (std::vector<double>{1, 3, 2, 4}));
  EXPECT_EQ(evaluate(constants, "Einsum(a) {equation=\"ii\"}"), std::vector<double>{5});
  EXPECT_THROW(evaluate(constants, "Einsum(a, b) {equation=\"ij->ij\"}"), Error);
  EXPECT_THROW(evaluate(constants, "Einsum(a) {equation=\"ijk->k\"}"), Error);
}

}  // namespace
}  // namespace hasten::graph
