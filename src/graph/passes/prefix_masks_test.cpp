#include "graph/passes/prefix_masks.h"

#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;

std::string attention_with(std::string_view mask) {
  Graph graph = parse_text(R"(
    opset 13
    opset com.microsoft 1
    input input_ids int64[batch, n]
    input attention_mask int64[batch, n]
    const table float32[3, 4] = ...
    const w float32[4, 12] = ...
    const b float32[12] = ...
    const axis int64[1] = 1
    x = Gather(table, input_ids)
)" + std::string(mask) + R"(
    y = com.microsoft.Attention(x, w, b, m) {num_heads=2}
    output y
  )");
  read_masks_as_prefixes(graph);
  verify(graph);
  return dump(graph);
}

TEST(PrefixMasks, LengthsBecomeTheMask) {
  EXPECT_THAT(attention_with(R"(
    i = Cast(attention_mask) {to=6}
    m = ReduceSum(i, axis) {keepdims=0}
  )"),
              HasSubstr("Attention(x, w, b, i)"));
}

TEST(PrefixMasks, MasksOfOtherKindsStay) {
  EXPECT_THAT(attention_with(R"(
    i = Cast(attention_mask) {to=6}
    const two int32[] = 2
    h = Mul(i, two)
    m = ReduceSum(h, axis) {keepdims=0}
  )"),
              HasSubstr("Attention(x, w, b, m)"));
}

}  // namespace
}  // namespace hasten::graph
