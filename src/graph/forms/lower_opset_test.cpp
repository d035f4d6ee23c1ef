#include "graph/forms/lower_opset.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "graph/dump.h"
#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

constexpr std::string_view k_new = R"(
  opset 17
  input x float32[2, 3, 4]
  const gamma float32[4] = 1.0 0.5 2.0 -1.0
  const beta float32[4] = 0.0 -1.0 1.0 0.5
  const one int64[1] = 1
  const sizes int64[2] = 1 3
  const ratio float32[] = 0.1
  a = LayerNormalization(x, gamma, beta) {axis=-1}
  b = LayerNormalization(a, gamma) {axis=-1, epsilon=0.1}
  u = Unsqueeze(b, one)
  s = Squeeze(u, one)
  r = ReduceSum(s, one) {keepdims=0}
  c, d = Split(r, sizes) {axis=1}
  e = Dropout(d, ratio)
  f = Softmax(e) {axis=-1}
  l = LessOrEqual(a, b)
  w = Where(l, a, b)
  output f
  output c
  output w
)";

TEST(LowerOpset, WritesOldForms) {
  const Graph before = parse_text(k_new);
  for (const std::int64_t target : {11, 12, 13, 16}) {
    Graph after = before;
    lower_opset(after, target);
    verify(after);
    EXPECT_EQ(after.opsets.at(""), target);
    EXPECT_LT(difference(before, after, {{"x", numbers({2, 3, 4})}}), 1e-12) << target;
    EXPECT_THAT(dump(after), testing::Not(testing::HasSubstr("LayerNormalization")));
  }
}

TEST(LowerOpset, LeavesOlderGraphsAlone) {
  Graph graph = parse_text("opset 9\ninput x float32[2]\ny = Exp(x)\noutput y\n");
  lower_opset(graph, 11);
  EXPECT_EQ(graph.opsets.at(""), 9);
}

TEST(LowerOpset, RefusesWhatHasNoOlderForm) {
  for (const char* text :
       {"opset 17\ninput x float32[2, 2]\ny = Trilu(x)\noutput y\n",
        "opset 17\ninput x float32[2, 2]\ninput a int64[1]\ny = ReduceSum(x, a)\noutput y\n",
        "opset 18\ninput x float32[2, 2]\ny = Exp(x)\noutput y\n"}) {
    Graph graph = parse_text(text);
    const std::string before = dump(graph);
    EXPECT_THROW(lower_opset(graph, 11), Error) << text;
    EXPECT_EQ(dump(graph), before);
  }
}

}  // namespace
}  // namespace hasten::graph
