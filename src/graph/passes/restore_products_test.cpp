#include "graph/passes/restore_products.h"

#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string restored(std::string_view text) {
  Graph graph = parse_text(text);
  restore_products(graph);
  verify(graph);
  return dump(graph);
}

constexpr std::string_view k_operands = R"(
  opset com.microsoft 1
  input x float32[batch, n, 2]
  const w int8[2, 3] = 1 -2 3 -4 5 -6
  const scales float32[3] = 0.5 0.25 0.125
  const zero int8[3] = 0 0 0
)";

std::string with(std::string_view rest) {
  return std::string(k_operands) + std::string(rest);
}

TEST(RestoreProducts, StepsOfTheQuantiser) {
  EXPECT_THAT(restored(with(R"(
    q, s, z = DynamicQuantizeLinear(x)
    p = MatMulInteger(q, w, z, zero)
    f = Cast(p) {to=1}
    m = Mul(s, scales)
    y = Mul(f, m)
    output y
  )")),
              AllOf(HasSubstr("DequantizeLinear(w, scales, zero) {axis=-1}"),
                    HasSubstr("MatMul(x, w.dequantized)"), Not(HasSubstr("MatMulInteger"))));
}

// Optimum's quantiser takes those of queries and keys, too.
TEST(RestoreProducts, OfTwoActivations) {
  EXPECT_THAT(restored(R"(
    input x float32[batch, n, 2]
    input k float32[batch, 2, n]
    q, s, z = DynamicQuantizeLinear(x)
    r, t, u = DynamicQuantizeLinear(k)
    p = MatMulInteger(q, r, z, u)
    f = Cast(p) {to=1}
    m = Mul(s, t)
    y = Mul(f, m)
    output y
  )"),
              AllOf(HasSubstr("MatMul(x, k)"), Not(HasSubstr("Quantize"))));
}

TEST(RestoreProducts, FusedProductsWithTheirBias) {
  EXPECT_THAT(restored(with(R"(
    const b float32[3] = 1 2 3
    y = com.microsoft.DynamicQuantizeMatMul(x, w, scales, zero, b)
    output y
  )")),
              AllOf(HasSubstr("MatMul(x, w.dequantized)"), HasSubstr("= Add(")));
  EXPECT_THAT(restored(with(R"(
    q, s, z = DynamicQuantizeLinear(x)
    y = com.microsoft.MatMulIntegerToFloat(q, w, s, scales, z, zero)
    output y
  )")),
              HasSubstr("= MatMul(x, w.dequantized)"));
}

TEST(RestoreProducts, RoundingOfActivationsGoes) {
  EXPECT_THAT(restored(with(R"(
    const s float32[] = 0.1
    const z uint8[] = 128
    q = QuantizeLinear(x, s, z)
    d = DequantizeLinear(q, s, z)
    y = Relu(d)
    output y
  )")),
              HasSubstr("y = Relu(x)"));
}

TEST(RestoreProducts, TablesAndShiftedWeightsBecomeFloats) {
  EXPECT_THAT(restored(R"(
    input ids int64[n]
    const table uint8[2, 2] = 129 127 130 126
    const s float32[] = 0.5
    const z uint8[] = 128
    rows = Gather(table, ids)
    y = DequantizeLinear(rows, s, z)
    output y
  )"),
              AllOf(HasSubstr("float32[2, 2] = 0.5 -0.5 1.0 -1.0"), HasSubstr("y = Gather(")));
}

// As static quantisation stores all that it finds.
TEST(RestoreProducts, MatricesThatAreNoFactorsBecomeFloats) {
  constexpr std::string_view k_stored = R"(
    input ids int64[n]
    input x float32[n, 2]
    const w int8[2, 2] = 1 -1 2 -2
    const s float32[] = 0.5
    d = DequantizeLinear(w, s)
  )";
  const auto read_by = [&](std::string_view node) {
    return restored(std::string(k_stored) + std::string(node) + "\noutput y\n");
  };
  constexpr std::string_view k_floats = "float32[2, 2] = 0.5 -0.5 1.0 -1.0";
  EXPECT_THAT(read_by("y = Gather(d, ids)"), HasSubstr(k_floats));
  EXPECT_THAT(read_by("y = Gemm(x, d) {transB=1}"), HasSubstr(k_floats));
  EXPECT_THAT(read_by("y = Gemm(x, d)"), HasSubstr("DequantizeLinear"));
  EXPECT_THAT(read_by("y = MatMul(x, d)"), HasSubstr("DequantizeLinear"));
}

// No such operator exists, but a file may say so.
TEST(RestoreProducts, LeavesANodeOfTooManyInputsAlone) {
  EXPECT_THAT(restored(R"(
    input x float32[n, 2]
    input more float32[n]
    const w int8[2, 2] = 1 -1 2 -2
    const s float32[] = 0.5
    const z int8[] = 1
    d = DequantizeLinear(w, s, z, more)
    y = MatMul(x, d)
    output y
  )"),
              HasSubstr("DequantizeLinear"));
}

}  // namespace
}  // namespace hasten::graph
