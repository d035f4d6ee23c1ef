#include "graph/evaluate.h"

#include <gmock/gmock.h>

#include "graph/dump.h"

namespace hasten::graph {
namespace {

// What the last node of the graph computes.
std::optional<std::vector<Tensor>> last(std::string_view text) {
  const Graph graph = parse_text(text);
  return evaluate(graph, graph.order().back());
}

TEST(Evaluate, GivesTheDeclaredTypes) {
  const auto sum = last("const a float16[1] = 2048.0\nconst b float16[1] = 1.0\nc = Add(a, b)");
  ASSERT_TRUE(sum);
  EXPECT_EQ(sum->at(0).dtype, DType::k_float16);
  EXPECT_EQ(to_float32(sum->at(0)), std::vector<float>{2048}) << "as 16 bits hold it";
  const auto cast = last("const a int64[2] = 1 2\nc = Cast(a) {to=1}");
  ASSERT_TRUE(cast);
  EXPECT_EQ(cast->at(0).dtype, DType::k_float32);
  const auto wide = last("const a float64[1] = 16777217.0\nc = Neg(a)");
  ASSERT_TRUE(wide);
  EXPECT_EQ(wide->at(0).dtype, DType::k_float64);
  EXPECT_EQ(to_float64(wide->at(0)), std::vector<double>{-16777217});
}

TEST(Evaluate, GivesEveryOutput) {
  const auto parts = last("const a int64[3] = 1 2 3\nconst s int64[2] = 1 2\n_, b = Split(a, s)");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->at(0).dims, Dims{});
  EXPECT_EQ(to_int64(parts->at(1)), (std::vector<std::int64_t>{2, 3}));
}

TEST(Evaluate, GivesNothingWhereItCannot) {
  EXPECT_FALSE(last("input a float32[1]\nb = Exp(a)"));
  EXPECT_FALSE(last("const a float32[1] = 1\nb = Unheard(a)"));
  EXPECT_FALSE(last("const a float32[2] = 1 2\nconst b float32[3] = 1 2 3\nc = Add(a, b)"));
}

}  // namespace
}  // namespace hasten::graph
