#include "graph/passes/restore_qlinear.h"

#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;

PassOutcome restore(Graph& graph) {
  return {restore_qlinear(graph), {}};
}

PassOutcome restore_blocks(Graph& graph) {
  restore_block_products(graph);
  return {};
}

const std::string k_start = R"(
  opset com.microsoft 1
  input x float32[2, 3, 4]
  const w int8[4, 4] = ...
  const scale float32[] = 0.125
  const other float32[] = 0.25
  const zero uint8[] = 128
  const level int8[] = 0
  q uint8[2, 3, 4] = QuantizeLinear(x, scale, zero)
)";

double changed(const std::string& text) {
  return difference_after(restore, text, {{"x", numbers({2, 3, 4})}});
}

TEST(RestoreQlinear, ProductsAreOfNumbersBetweenIntegers) {
  const std::string text = k_start + R"(
    p uint8[2, 3, 4] = QLinearMatMul(q, scale, zero, w, other, level, other, zero)
    a uint8[2, 3, 4] = com.microsoft.QLinearAdd(p, other, zero, q, scale, zero, other, zero)
    s uint8[2, 3, 4] = com.microsoft.QLinearSigmoid(a, other, zero, other, zero)
    y = DequantizeLinear(s, other, zero)
    output y
  )";
  const Rewritten result = rewrite(restore, text);
  EXPECT_EQ(result.outcome.rewrites, 3U);
  EXPECT_THAT(result.text, testing::Not(HasSubstr("QLinear")));
  EXPECT_LT(changed(text), 1e-6);
}

TEST(RestoreQlinear, MovedIntegersAreMovedNumbers) {
  const std::string text = k_start + R"(
    const shape int64[4] = 0 0 2 2
    p uint8[2, 3, 4] = QLinearMatMul(q, scale, zero, w, other, level, other, zero)
    h uint8[2, 3, 2, 2] = Reshape(p, shape)
    t uint8[2, 2, 3, 2] = Transpose(h) {perm=[0, 2, 1, 3]}
    k uint8[2, 2, 2, 3] = Transpose(h) {perm=[0, 2, 3, 1]}
    s uint8[2, 2, 3, 3] = QLinearMatMul(t, other, zero, k, other, zero, other, zero)
    y = DequantizeLinear(s, other, zero)
    output y
  )";
  const Rewritten result = rewrite(restore, text);
  EXPECT_EQ(result.outcome.rewrites, 2U);
  EXPECT_THAT(result.text, HasSubstr("Reshape(p.dequantized"));
  EXPECT_LT(changed(text), 1e-6);
}

TEST(RestoreQlinear, AGemmHasItsBiasInUnitsOfBothScales) {
  const std::string text = k_start + R"(
    const flat int64[2] = -1 4
    const bias int32[4] = 8 -16 32 64
    f uint8[6, 4] = Reshape(q, flat)
    y = com.microsoft.QGemm(f, scale, zero, w, other, level, bias) {transB=1}
    output y
  )";
  const Rewritten result = rewrite(restore, text);
  EXPECT_EQ(result.outcome.rewrites, 1U);
  EXPECT_THAT(result.text, HasSubstr("float32[4] = 0.25 -0.5 1.0 2.0"));
  EXPECT_LT(changed(text), 1e-6);
}

TEST(RestoreBlockProducts, AreMatrices) {
  const std::string text = R"(
    opset com.microsoft 1
    input x float32[2, 3]
    const packed uint8[2, 2, 1] = 33 3 84 7
    const scales float32[4] = 1 0.5 2 0.25
    const bias float32[2] = 1 -1
    y = com.microsoft.MatMulNBits(x, packed, scales, _, _, bias) {K=3, N=2, bits=4, block_size=2}
    output y
  )";
  const Rewritten result = rewrite(restore_blocks, text);
  // The first column: 1 - 8, 2 - 8 in units of 1, and 3 - 8 in units of 0.5; the second: 4 - 8, 5 - 8 in units
  // of 2, and 7 - 8 in units of 0.25.
  EXPECT_THAT(result.text, HasSubstr("float32[3, 2] = -7.0 -8.0 -6.0 -6.0 -2.5 -0.25"));
  EXPECT_LT(difference_after(restore_blocks, text, {{"x", numbers({2, 3})}}), 1e-6);
}

TEST(RestoreBlockProducts, HaveZeroPointsOfTheirOwn) {
  const std::string text = R"(
    opset com.microsoft 1
    input x float32[2, 3]
    const packed uint8[2, 2, 1] = 33 3 84 7
    const scales float32[4] = 1 0.5 2 0.25
    const zeros uint8[2] = 33 52
    y = com.microsoft.MatMulNBits(x, packed, scales, zeros) {K=3, N=2, bits=4, block_size=2}
    output y
  )";
  EXPECT_THAT(rewrite(restore_blocks, text).text,
              HasSubstr("float32[3, 2] = 0.0 0.0 1.0 2.0 0.5 1.0"));
  EXPECT_LT(difference_after(restore_blocks, text, {{"x", numbers({2, 3})}}), 1e-6);
}

}  // namespace
}  // namespace hasten::graph
