#include "graph/forms/half_form.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"
#include "graph/dump.h"
#include "graph/interpreter.h"
#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A normalised row through a product, scores with a mask, and a product again.
constexpr std::string_view k_layer = R"(
  input x float32[batch, n, 4]
  input mask int64[batch, n]
  const gamma float32[4] = 1.0 0.5 2.0 -1.0
  const beta float32[4] = 0.0 -1.0 1.0 0.5
  const w float32[4, 8] = ...
  const one float32[] = 1.0
  const lowest float32[] = -3.4028235e+38
  const axis int64[1] = 1
  b = Tanh(x)
  h = LayerNormalization(b, gamma, beta) {axis=-1}
  q = MatMul(h, w)
  k = Transpose(q) {perm=[0, 2, 1]}
  s = MatMul(q, k)
  f = Cast(mask) {to=1}
  g = Sub(one, f)
  m = Mul(g, lowest)
  u = Unsqueeze(m, axis)
  t = Add(s, u)
  p = Softmax(t) {axis=-1}
  y = MatMul(p, q)
  output y
)";

std::map<std::string, Tensor> inputs() {
  return {{"x", numbers({2, 3, 4})},
          {"mask", make_tensor<std::int64_t>({2, 3}, {1, 1, 1, 0, 1, 1})}};
}

DType dtype_of_value(const Graph& graph, std::string_view name) {
  return *graph.value(graph.find_value(name)).dtype;
}

TEST(HalfForm, ComputesInHalfAndKeepsMasksAndSoftmaxInFloat32) {
  for (const auto& [dtype, tolerance] :
       {std::pair{DType::k_float16, 5e-3}, std::pair{DType::k_bfloat16, 4e-2}}) {
    const Graph before = parse_text(k_layer);
    Graph after = before;
    const HalfReport report = to_half(after, dtype);
    verify(after);
    EXPECT_EQ(report.nodes, 5U);  // the normalisation, three products, the transpose
    EXPECT_EQ(report.clamped, 0U);
    EXPECT_THAT(report.kept, IsEmpty());
    EXPECT_EQ(dtype_of_value(after, "w.half"), dtype);
    EXPECT_EQ(after.find_value("w") == k_no_value || after.consumers(after.find_value("w")).empty(),
              true);
    for (const char* name : {"x", "y", "t", "p", "m", "lowest"}) {
      EXPECT_EQ(dtype_of_value(after, name), DType::k_float32) << name;
    }
    EXPECT_LT(difference(before, after, inputs()), tolerance);
    // Held in 16 bits between the operators, as a runtime on a GPU does.
    const auto exact = to_float64(interpret(before, inputs()).at("y"));
    const auto held = to_float64(interpret(after, inputs(), Precision::k_float32).at("y"));
    for (std::size_t k = 0; k < exact.size(); ++k) EXPECT_NEAR(held[k], exact[k], 10 * tolerance);
  }
}

TEST(HalfForm, ClampsWeightsAndCountsThem) {
  Graph graph = parse_text(R"(
    input x float32[n, 2]
    const w float32[2, 2] = 1.0 70000.0 -1e30 2.0
    y = MatMul(x, w)
    output y
  )");
  EXPECT_EQ(to_half(graph, DType::k_float16).clamped, 2U);
  EXPECT_EQ(to_float32(*graph.value(graph.find_value("w.half")).constant),
            (std::vector<float>{1, 65504, -65504, 2}));
}

TEST(HalfForm, KeepsInFloat32WhatCouldExceedTheRange) {
  const Graph before = parse_text(R"(
    input x float32[n, 4]
    const gamma float32[4] = 1.0 1.0 1.0 1.0
    const w float32[4, 4] = ...
    const thousand float32[4] = 1000.0 1000.0 1000.0 1000.0
    const million float32[] = 1000000.0
    b = Tanh(x)
    h = LayerNormalization(b, gamma) {axis=-1}
    a = Mul(h, thousand)
    big = Mul(a, million)
    q = MatMul(big, w)
    r = LayerNormalization(q, gamma) {axis=-1}
    y = MatMul(r, w)
    output y
  )");
  Graph after = before;
  const HalfReport report = to_half(after, DType::k_float16);
  EXPECT_THAT(report.kept, ElementsAre("big (Mul)", "q (MatMul)", "r (LayerNormalization)"));
  const auto exact = to_float64(interpret(before, {{"x", numbers({3, 4})}}).at("y"));
  const auto held =
      to_float64(interpret(after, {{"x", numbers({3, 4})}}, Precision::k_float32).at("y"));
  for (std::size_t k = 0; k < exact.size(); ++k) {
    EXPECT_TRUE(std::isfinite(held[k]));
    EXPECT_NEAR(held[k], exact[k], 2e-2);
  }
}

TEST(HalfForm, AnInputOfAnySizeIsNotCast) {
  Graph graph = parse_text(R"(
    input x float32[n, 4]
    const gamma float32[4] = 1.0 1.0 1.0 1.0
    y = LayerNormalization(x, gamma) {axis=-1}
    output y
  )");
  EXPECT_THAT(to_half(graph, DType::k_float16).kept, ElementsAre("y (LayerNormalization)"));
  const auto x = make_tensor<float>({1, 4}, {1e6F, -1e6F, 3e5F, 0});
  for (const double value :
       to_float64(interpret(graph, {{"x", x}}, Precision::k_float32).at("y"))) {
    EXPECT_TRUE(std::isfinite(value));
  }
}

TEST(HalfForm, AnOutputKeepsItsNameAndTypeAlsoWhenItIsReadInside) {
  Graph graph = parse_text(R"(
    input x float32[n, 4]
    const gamma float32[4] = 1.0 1.0 1.0 1.0
    const w float32[4, 4] = ...
    b = Tanh(x)
    h = LayerNormalization(b, gamma) {axis=-1}
    y = MatMul(h, w)
    z = Tanh(y)
    output y
    output z
  )");
  const Graph before = graph;
  to_half(graph, DType::k_float16);
  verify(graph);
  EXPECT_EQ(graph.value(graph.outputs()[0]).name, "y");
  EXPECT_EQ(graph.value(graph.outputs()[1]).name, "z");
  EXPECT_EQ(graph.value(graph.outputs()[0]).dtype, DType::k_float32);
  EXPECT_LT(difference(before, graph, {{"x", numbers({3, 4})}}), 5e-3);
}

TEST(HalfForm, Bfloat16NeedsOpset13) {
  Graph graph = parse_text("opset 12\ninput x float32[2]\ny = Tanh(x)\noutput y\n");
  EXPECT_THROW(to_half(graph, DType::k_bfloat16), Error);
  EXPECT_NO_THROW(to_half(graph, DType::k_float16));
}

}  // namespace
}  // namespace hasten::graph
