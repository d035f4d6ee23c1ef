#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

std::string with_inputs(const std::string& ids, const std::string& mask) {
  return "input ids int64" + ids + "\ninput mask int64" + mask + R"(
    const words float32[9, 4] = ...
    x = Gather(words, ids)
    sizes = Shape(x)
    other = Shape(mask)
    both = Concat(sizes, other) {axis=0}
    y = Neg(both)
    output y
  )";
}

TEST(FoldFixedSizes, ShapesAreConstants) {
  EXPECT_EQ(rewrite(fold_fixed_sizes, with_inputs("[1, 3]", "[1, 3]")).outcome.rewrites, 2U);
}

TEST(FoldFixedSizes, LeavesOpenSizesAlone) {
  EXPECT_EQ(rewrite(fold_fixed_sizes, with_inputs("[1, 3]", "[1, n]")).outcome.rewrites, 0U);
  EXPECT_EQ(rewrite(fold_fixed_sizes, with_inputs("[batch, 3]", "[batch, 3]")).outcome.rewrites,
            0U);
}

}  // namespace
}  // namespace hasten::graph
