#include "graph/passes/token_positions.h"

#include <gtest/gtest.h>

#include "graph/dump.h"

namespace hasten::graph {
namespace {

std::optional<TokenPositions> find(const std::string& text) {
  const Graph graph =
      parse_text("input input_ids int64[batch, n]\ninput attention_mask int64[batch, n]\n" + text +
                 "\noutput p");
  return find_token_positions(graph, graph.find_value("p"));
}

constexpr const char* k_slice = R"(
  const all int64[1, 8] = 0 1 2 3 4 5 6 7
  const zero int64[1] = 0
  const one int64[1] = 1
  shape = Shape(input_ids)
  length = Gather(shape, one)
  counted = Slice(all, zero, length, one)
)";

TEST(TokenPositions, Counted) {
  EXPECT_EQ(find(std::string(k_slice) + "p = Identity(counted)"),
            (TokenPositions{0, std::nullopt}));
  EXPECT_EQ(find(std::string(k_slice) + "const two int64[] = 2\np = Add(counted, two)"),
            (TokenPositions{2, std::nullopt}));
}

TEST(TokenPositions, CountedOverATextsTokens) {
  EXPECT_EQ(find(R"(
    const pad int64[] = 1
    const axis int64[] = 1
    padding = Equal(input_ids, pad)
    token = Not(padding)
    ones = Cast(token) {to=7}
    sum = CumSum(ones, axis)
    kept = Mul(sum, ones)
    p = Add(kept, pad)
  )"),
            (TokenPositions{2, 1}));
}

TEST(TokenPositions, NothingElse) {
  EXPECT_EQ(find("p = Identity(input_ids)"), std::nullopt);
  EXPECT_EQ(find(std::string(k_slice) + "const two int64[] = 2\np = Mul(counted, two)"),
            std::nullopt);
  EXPECT_EQ(find(R"(
    const axis int64[] = 1
    sum = CumSum(input_ids, axis)
    p = Sub(sum, axis)
  )"),
            std::nullopt);
}

}  // namespace
}  // namespace hasten::graph
