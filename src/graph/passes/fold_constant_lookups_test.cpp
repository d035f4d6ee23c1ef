#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;

constexpr std::string_view k_tables = R"(
  input input_ids int64[batch, n]
  const words float32[3, 2] = 1 2 3 4 5 6
  const types float32[2, 2] = 10 20 30 40
  const zero int64[1] = 0
)";

std::map<std::string, Tensor> inputs() {
  return {{"input_ids", make_tensor<std::int64_t>({2, 3}, {0, 1, 2, 2, 1, 0})}};
}

TEST(FoldConstantLookups, TypesThatNobodyGave) {
  const std::string text = std::string(k_tables) + R"(
    shape = Shape(input_ids)
    ids = Expand(zero, shape)
    w = Gather(words, input_ids)
    t = Gather(types, ids)
    y = Add(w, t)
    output y
  )";
  EXPECT_THAT(rewrite(fold_constant_lookups, text).text, HasSubstr("y = Add(w, t.row)"));
  EXPECT_EQ(difference_after(fold_constant_lookups, text, inputs()), 0);
}

TEST(FoldConstantLookups, LookupsByIdsStay) {
  const std::string text = std::string(k_tables) + R"(
    w = Gather(words, input_ids)
    t = Gather(types, input_ids)
    y = Add(w, t)
    output y
  )";
  EXPECT_EQ(rewrite(fold_constant_lookups, text).outcome.rewrites, 0U);
}

TEST(FoldConstantLookups, ALookupWhoseShapeIsNeededStays) {
  const std::string text = std::string(k_tables) + R"(
    shape = Shape(input_ids)
    ids = Expand(zero, shape)
    y = Gather(types, ids)
    output y
  )";
  EXPECT_EQ(rewrite(fold_constant_lookups, text).outcome.rewrites, 0U);
}

}  // namespace
}  // namespace hasten::graph
