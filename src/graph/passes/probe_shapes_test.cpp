#include "graph/passes/probe_shapes.h"

#include <gtest/gtest.h>

#include "graph/dump.h"

namespace hasten::graph {
namespace {

// Half of each row, as rotations take it, of tensors that are too large to be tried.
TEST(ShapeWalk, SlicesUpToBoundsMadeOfShapes) {
  const Graph graph = parse_text(R"(
    input input_ids int64 [batch, sequence]
    const table float32 [1, 4] = 1 2 3 4
    const axis int64 [1] = 2
    const zero int64 [1] = 0
    const two int64 [1] = 2
    x = Gather(table, input_ids)
    shape = Shape(x)
    width = Gather(shape, axis)
    half = Div(width, two)
    halved = Slice(x, zero, half, axis)
    output halved
  )");
  constexpr ProbeSize k_long = {1, 8192};
  EXPECT_EQ(ShapeWalk(graph, k_long).dims(graph.find_value("halved")), (Dims{1, 8192, 2}));
}

// Windows of a fixed size cut longer texts, not the batch that is tried.
TEST(ShapeWalk, KnowsNothingThatHoldsForShortTextsAlone) {
  const Graph graph = parse_text(R"(
    input input_ids int64 [batch, sequence]
    const begin int64 [1] = 0
    const window int64 [1] = 16
    const before int64 [1] = -16
    const inside int64 [1] = 3
    const open int64 [1] = 9223372036854775807
    const axis int64 [1] = 1
    first = Slice(input_ids, begin, window, axis)
    second = Slice(input_ids, window, open, axis)
    last = Slice(input_ids, before, open, axis)
    cut = Slice(input_ids, inside, open, axis)
    output first
    output second
    output last
    output cut
  )");
  const ShapeWalk walk(graph, k_probe_size);
  for (const char* name : {"first", "second", "last"})
    EXPECT_EQ(walk.dims(graph.find_value(name)), std::nullopt) << name;
  EXPECT_EQ(walk.dims(graph.find_value("cut")), (Dims{2, 2}));
}

TEST(ShapeWalk, TakesInputsAsTheyAreDeclared) {
  const Graph graph = parse_text(R"(
    input input_ids int64 [batch, choices, sequence]
    input boxes int64 [batch, sequence, 4]
    input key int64 [batch]
    input free float32
    output input_ids
  )");
  const ShapeWalk walk(graph, k_probe_size);
  const auto dims = [&](const char* name) { return walk.dims(graph.find_value(name)); };
  EXPECT_EQ(dims("input_ids"), (Dims{2, 3, 5}));
  EXPECT_EQ(dims("boxes"), (Dims{2, 5, 4}));
  EXPECT_EQ(dims("key"), (Dims{2}));
  EXPECT_EQ(dims("free"), (Dims{2, 5}));
}

}  // namespace
}  // namespace hasten::graph
