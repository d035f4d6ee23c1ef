#include "graph/passes/empty_rows.h"

#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

// What becomes of y = Where(seen, x, 0).
std::size_t dropped_with(std::string_view seen, std::string_view other = "zero") {
  Graph graph = parse_text(R"(
    input input_ids int64[batch, n]
    input attention_mask int64[batch, n]
    const table float32[3, 4] = ...
    const zero float32[] = 0.0
    const one float32[] = 1.0
    const axis int64[1] = 1
    const axes int64[2] = 1 2
    const half int64[] = 0
    x = Gather(table, input_ids)
    wide = Unsqueeze(attention_mask, axis)
    by_row = Transpose(wide) {perm=[0, 2, 1]}
)" + std::string(seen) + R"(
    y = Where(seen, x, )" + std::string(other) +
                           R"()
    output y
  )");
  const std::size_t count = drop_zeroing_of_empty_rows(graph);
  verify(graph);
  return count;
}

TEST(EmptyRows, ZeroingIsDroppedWhereEveryTokenIsSeen) {
  EXPECT_EQ(dropped_with("most = ReduceMax(wide) {axes=[2]}\nseen = Cast(most) {to=9}\n"), 1U);
  EXPECT_EQ(dropped_with("seen = Cast(by_row) {to=9}\n"), 1U);  // padding is no token
}

TEST(EmptyRows, OtherChoicesStay) {
  EXPECT_EQ(dropped_with("least = ReduceMin(wide) {axes=[2]}\nseen = Cast(least) {to=9}\n"), 0U);
  EXPECT_EQ(dropped_with("seen = Cast(by_row) {to=9}\n", "one"), 0U);
}

TEST(EmptyRows, AxesAreWhatTheOpsetHas) {
  for (const std::string_view opset : {"opset 17\n", "opset 18\n"}) {
    Graph graph = parse_text(std::string(opset) +
                             "input m int64[batch, n]\n"
                             "input x float32[batch, n, 4]\ny = Tanh(x)\noutput y\n");
    const ValueId seen = texts_that_see(graph, graph.find_value("m"));
    const ValueId zeroed = zeroed_unless(graph, seen, graph.find_value("y"), DType::k_float32);
    graph.add_output(zeroed);
    verify(graph);
    const auto outputs =
        interpret(graph, {{"m", make_tensor<std::int64_t>({2, 2}, {0, 0, 0, 1})},
                          {"x", make_tensor<float>({2, 1, 4}, {1, 1, 1, 1, 1, 1, 1, 1})}});
    const auto values = to_float64(outputs.at(graph.value(zeroed).name));
    EXPECT_EQ(values[0], 0);
    EXPECT_NEAR(values[4], 0.76159415595576, 1e-12);
  }
}

}  // namespace
}  // namespace hasten::graph
