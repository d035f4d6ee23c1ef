#include "graph/verify.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "graph/dump.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;

Graph good() {
  return parse_text(R"(
    input x float32[n]
    const w float32[2] = 1 2
    a = Add(x, w)
    b = Exp(a)
    output b
  )");
}

std::string defect(const Graph& graph) {
  try {
    verify(graph);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::k_malformed);
    return error.what();
  }
  return "none";
}

TEST(Verify, AcceptsAGoodGraph) {
  EXPECT_EQ(defect(good()), "none");
}

TEST(Verify, FindsIdsOutOfRange) {
  Graph graph = good();
  graph.node(graph.order()[1]).inputs[0] = ValueId{-10};
  EXPECT_THAT(defect(graph), HasSubstr("reads what is no value"));
  graph = good();
  graph.add_output(ValueId{1000});
  EXPECT_THAT(defect(graph), HasSubstr("an output that is no value"));
}

TEST(Verify, FindsAStaleIndex) {
  Graph graph = good();
  graph.node(graph.order()[1]).inputs[0] = graph.find_value("x");
  EXPECT_THAT(defect(graph), HasSubstr("stale"));
  graph.reindex();
  EXPECT_EQ(defect(graph), "none");
}

TEST(Verify, FindsAValueWithTwoSourcesOrNone) {
  Graph graph = good();
  graph.node(graph.order()[1]).outputs[0] = graph.find_value("a");
  graph.reindex();
  EXPECT_THAT(defect(graph), HasSubstr("two sources"));
  graph = good();
  graph.remove_node(graph.order()[1]);
  EXPECT_THAT(defect(graph), HasSubstr("an output that nothing computes"));
  graph = good();
  graph.remove_node(graph.order()[0]);
  EXPECT_THAT(defect(graph), HasSubstr("a is read before it is computed"));
}

TEST(Verify, FindsANodeBeforeItsInputs) {
  Graph graph = good();
  const ValueId late = graph.add_op("Neg", {graph.find_value("x")}, {}, "late");
  graph.node(graph.order()[0]).inputs[0] = late;
  graph.reindex();
  EXPECT_THAT(defect(graph), HasSubstr("late is read before it is computed"));
  graph.sort();
  EXPECT_EQ(defect(graph), "none");
}

TEST(Verify, FindsDuplicateNames) {
  Graph graph = good();
  graph.value(graph.find_value("a")).name = "x";
  EXPECT_THAT(defect(graph), HasSubstr("two values have one name"));
}

TEST(Verify, LooksIntoBodies) {
  Graph graph = good();
  Graph body = good();
  body.remove_node(body.order()[1]);
  graph.node(graph.order()[0]).attributes["body"] = std::make_shared<const Graph>(body);
  EXPECT_THAT(defect(graph), HasSubstr("an output that nothing computes"));
}

}  // namespace
}  // namespace hasten::graph
