#include "graph/forms/int8_form.h"

#include <gmock/gmock.h>

#include <cmath>

#include "graph/dump.h"
#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;

constexpr std::string_view k_products = R"(
  opset 11
  input x float32[n, 32]
  const w float32[32, 48] = ...
  const g float32[40, 48] = ...
  const small float32[40, 3] = ...
  const bias float32[40] = ...
  h = MatMul(x, w)
  t = MatMul(x, w)
  d = Dropout(h) {ratio=0.5}
  s = Add(d, t)
  e = Gemm(s, g, bias) {transB=1}
  y = MatMul(e, small)
  output y
)";

double greatest_output(const Graph& graph) {
  double greatest = 0;
  for (const double y : to_float64(interpret(graph, {{"x", numbers({5, 32})}}).at("y"))) {
    greatest = std::max(greatest, std::abs(y));
  }
  return greatest;
}

TEST(Int8Form, StoresMatricesWithAScaleForEachColumn) {
  const Graph before = parse_text(k_products);
  Graph after = before;
  const Int8Report report = to_int8(after, {});
  verify(after);
  EXPECT_EQ(report.matrices, 2U);  // one of them is used twice; the small one stays
  EXPECT_LT(report.bytes_after, report.bytes_before / 3);
  EXPECT_EQ(after.opsets.at(""), 13);
  EXPECT_THAT(dump(after), HasSubstr("DequantizeLinear(w.int8, w.scale) {axis=1}"));
  EXPECT_THAT(dump(after), HasSubstr("g.int8 int8[48, 40]"));
  EXPECT_LT(difference(before, after, {{"x", numbers({5, 32})}}), 0.05 * greatest_output(before));
  EXPECT_GT(difference(before, after, {{"x", numbers({5, 32})}}), 0);
}

TEST(Int8Form, RoundsEachElementToTheNearestStepOfItsColumn) {
  Graph graph = parse_text(k_products);
  const std::vector<float> exact = to_float32(*graph.value(graph.find_value("w")).constant);
  to_int8(graph, {});
  const auto values = to_int64(*graph.value(graph.find_value("w.int8")).constant);
  const auto scales = to_float32(*graph.value(graph.find_value("w.scale")).constant);
  for (std::size_t k = 0; k < exact.size(); ++k) {
    const float scale = scales[k % scales.size()];
    EXPECT_LE(std::abs(static_cast<float>(values[k]) * scale - exact[k]), scale * 0.5001F);
    EXPECT_LE(std::abs(values[k]), 127);
  }
}

constexpr std::string_view k_lookup = R"(
  input ids int64[n]
  const table float32[50, 24] = ...
  const w float32[24, 48] = ...
  h = Gather(table, ids)
  y = MatMul(h, w)
  output y
)";

TEST(Int8Form, StoresTablesOnlyWhenAsked) {
  for (const bool embeddings : {false, true}) {
    const Graph before = parse_text(k_lookup);
    Graph after = before;
    const Int8Report report = to_int8(after, {embeddings});
    EXPECT_EQ(report.tables, embeddings ? 1U : 0U);
    EXPECT_EQ(after.find_value("table.int8") != k_no_value, embeddings);
    EXPECT_LT(difference(before, after, {{"ids", make_tensor<std::int64_t>({3}, {0, 49, 7})}}),
              2e-2);
  }
}

TEST(Int8Form, LeavesAMatrixWithInfinitiesAlone) {
  Graph graph = parse_text(k_lookup);
  Tensor& w = *graph.value(graph.find_value("w")).constant;
  std::vector<float> values = to_float32(w);
  values[7] = INFINITY;
  w = make_tensor<float>(w.dims, values);
  EXPECT_EQ(to_int8(graph, {}).matrices, 0U);
}

}  // namespace
}  // namespace hasten::graph
