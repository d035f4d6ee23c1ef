#include "graph/forms/raise_opset.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "graph/dump.h"
#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

constexpr std::string_view k_old = R"(
  opset 9
  input x float32[2, 3, 4]
  u = Unsqueeze(x) {axes=[1]}
  a = Squeeze(u) {axes=[1]}
  b = ReduceSum(a) {axes=[1], keepdims=0}
  c, d = Split(b) {axis=1, split=[3, 1]}
  e = Clip(c) {min=0.0}
  f = Slice(e) {axes=[1], ends=[3], starts=[1]}
  g = Dropout(f) {ratio=0.1}
  h = Softmax(g) {axis=1}
  i = Softmax(x) {axis=2}
  output h
  output i
  output d
)";

TEST(RaiseOpset, CarriesOldFormsOver) {
  const Graph before = parse_text(k_old);
  for (const std::int64_t target : {11, 12, 13, 17}) {
    Graph after = before;
    raise_opset(after, target);
    verify(after);
    EXPECT_EQ(after.opsets.at(""), target);
    EXPECT_EQ(difference(before, after, {{"x", numbers({2, 3, 4})}}), 0) << target;
  }
}

TEST(RaiseOpset, LeavesNewerGraphsAlone) {
  Graph graph = parse_text("opset 18\ninput x float32[2]\ny = Exp(x)\noutput y\n");
  raise_opset(graph, 13);
  EXPECT_EQ(graph.opsets.at(""), 18);
}

TEST(RaiseOpset, RefusesWhatWouldMeanSomethingElse) {
  for (const char* text : {
           "opset 11\ninput x float32[2, 3, 4]\ny = Softmax(x) {axis=1}\noutput y\n",
           "opset 8\ninput x float32[2]\ny = Exp(x)\noutput y\n",
       }) {
    Graph graph = parse_text(text);
    const std::int64_t before = graph.opsets.at("");
    EXPECT_THROW(raise_opset(graph, 13), Error) << text;
    EXPECT_EQ(graph.opsets.at(""), before);
  }
}

}  // namespace
}  // namespace hasten::graph
