#include "graph/passes/generic_form.h"

#include <gtest/gtest.h>

#include "graph/dump.h"
#include "graph/interpreter.h"

namespace hasten::graph {
namespace {

std::size_t count(const Graph& graph, std::string_view type) {
  std::size_t found = 0;
  for (const NodeId id : graph.order()) found += graph.node(id).op_type == type ? 1 : 0;
  return found;
}

TEST(GenericForm, GivesTheBiasOfASkipToTheProduct) {
  const Graph graph = parse_text(
      "input x float32[1, n, 3]\nconst w float32[3, 2] = ...\nconst b float32[2] = 1 2\n"
      "const g float32[2] = 3 4\nconst c float32[2] = 5 6\nconst v float32[3, 2] = ...\n"
      "p = MatMul(x, w)\nq = MatMul(x, v)\ns = Add(p, b)\nt = Add(s, q)\n"
      "z = LayerNormalization(t, g, c)\noutput z");
  const Graph simplified = to_generic_form(graph);
  ASSERT_EQ(count(simplified, "SkipLayerNormalization"), 1U);
  for (const NodeId id : simplified.order()) {
    if (simplified.node(id).op_type == "SkipLayerNormalization") {
      EXPECT_EQ(simplified.node(id).inputs.size(), 4U);
    }
  }
  const std::map<std::string, Tensor> inputs = {
      {"x", make_tensor<float>({1, 2, 3}, {1, -2, 3, 0.5F, 1, 2})}};
  const auto expected = to_float64(interpret(graph, inputs).begin()->second);
  const auto found = to_float64(interpret(simplified, inputs).begin()->second);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-9);
}

// Nothing here knows what they become.
TEST(GenericForm, FusesNoAttention) {
  const Graph graph = parse_text(
      "input q float32[1, 2, n, 3]\ninput k float32[1, 2, 3, n]\ninput v float32[1, 2, n, 3]\n"
      "s = MatMul(q, k)\np = Softmax(s)\nz = MatMul(p, v)\noutput z");
  EXPECT_EQ(count(to_generic_form(graph), "MatMul"), 2U);
}

}  // namespace
}  // namespace hasten::graph
