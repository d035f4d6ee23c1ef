#include "graph/graph.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "graph/dump.h"
#include "graph/verify.h"

namespace hasten::graph {
namespace {

using testing::ElementsAre;

Graph chain() {
  return parse_text(R"(
    input x float32[n]
    a = Exp(x)
    b = Tanh(a)
    c = Add(a, b)
    output c
  )");
}

TEST(Graph, NamesAreUnique) {
  Graph graph;
  EXPECT_EQ(graph.value(graph.add_value("x")).name, "x");
  EXPECT_EQ(graph.value(graph.add_value("x")).name, "x_1");
  EXPECT_EQ(graph.value(graph.add_value("x")).name, "x_2");
  const std::string invented = graph.value(graph.add_value("")).name;
  EXPECT_FALSE(invented.empty());
  EXPECT_NE(graph.value(graph.add_value("")).name, invented);
}

TEST(Graph, KnowsProducersAndConsumers) {
  const Graph graph = chain();
  const ValueId a = graph.find_value("a");
  EXPECT_EQ(graph.node(graph.producer(a)).op_type, "Exp");
  EXPECT_THAT(graph.consumers(a), ElementsAre(graph.order()[1], graph.order()[2]));
  EXPECT_EQ(graph.producer(graph.find_value("x")), k_no_node);
  EXPECT_EQ(graph.find_value("nowhere"), k_no_value);
}

TEST(Graph, CountsANodeThatReadsTwiceOnce) {
  Graph graph = parse_text("input x float32[n]\ny = Mul(x, x)\noutput y");
  EXPECT_THAT(graph.consumers(graph.find_value("x")), ElementsAre(graph.order()[0]));
}

TEST(Graph, ReplacesUsesAndKeepsTheNamesOfOutputs) {
  Graph graph = chain();
  const ValueId c = graph.find_value("c");
  const ValueId d = graph.add_op("Relu", {graph.find_value("b")});
  graph.replace_uses(c, d);
  EXPECT_THAT(graph.outputs(), ElementsAre(d));
  EXPECT_EQ(graph.value(d).name, "c");
  EXPECT_EQ(graph.find_value("c"), d);
  verify(graph);
  EXPECT_EQ(graph.remove_dead(), 1u);
  verify(graph);
}

TEST(Graph, InsertsANodeBehindAValue) {
  Graph graph = chain();
  const ValueId a = graph.find_value("a");
  const ValueId doubled = graph.add_op("Add", {a, a}, {}, "doubled");
  graph.replace_uses(a, doubled);
  graph.sort();
  verify(graph);
  EXPECT_EQ(dump(graph), dump(parse_text(R"(
    input x float32[n]
    a = Exp(x)
    doubled = Add(a, a)
    b = Tanh(doubled)
    c = Add(doubled, b)
    output c
  )")));
}

TEST(Graph, CopiesAnInputThatReplacesAnOutput) {
  Graph graph = parse_text("input x float32[n]\ny = Dropout(x)\noutput y");
  graph.replace_uses(graph.find_value("y"), graph.find_value("x"));
  graph.remove_dead();
  verify(graph);
  EXPECT_EQ(dump(graph), dump(parse_text(R"(
    input x float32[n]
    y float32[n] = Identity(x)
    output y
  )")));
}

TEST(Graph, RemovesDeadNodesAndConstants) {
  Graph graph = parse_text(R"(
    input x float32[n]
    const used float32[] = 1
    const unused float32[] = 2
    y = Add(x, used)
    unread = Mul(x, unused)
    output y
  )");
  EXPECT_EQ(graph.remove_dead(), 1u);
  EXPECT_EQ(graph.find_value("unused"), k_no_value);
  EXPECT_NE(graph.find_value("used"), k_no_value);
  verify(graph);
}

TEST(Graph, SortIsStableAndFindsCycles) {
  Graph graph = chain();
  const std::vector<NodeId> order = graph.order();
  graph.sort();
  EXPECT_EQ(graph.order(), order);
  graph.node(order[0]).inputs[0] = graph.find_value("c");
  graph.reindex();
  EXPECT_THROW(graph.sort(), Error);
}

TEST(Graph, RenamingFreesTheOldName) {
  Graph graph = chain();
  graph.rename(graph.find_value("a"), "z");
  EXPECT_EQ(graph.find_value("a"), k_no_value);
  EXPECT_EQ(graph.value(graph.find_value("z")).name, "z");
  graph.rename(graph.find_value("b"), "z");
  EXPECT_NE(graph.find_value("z_1"), k_no_value);
  verify(graph);
}

TEST(Graph, EntersTheDomainOfANodeAmongTheOpsets) {
  Graph graph = chain();
  graph.add_op("Gelu", {graph.find_value("a")}, {}, "", "com.microsoft");
  EXPECT_EQ(graph.opsets.at("com.microsoft"), 1);
}

TEST(Node, ReadsAttributesOfTheRightTypeOnly) {
  Node node;
  node.attributes = {{"axis", std::int64_t{3}}, {"epsilon", 0.5F}, {"mode", std::string("tanh")}};
  EXPECT_EQ(node.integer("axis", 0), 3);
  EXPECT_EQ(node.integer("absent", 7), 7);
  EXPECT_EQ(node.number("epsilon", 0), 0.5F);
  EXPECT_EQ(node.text("mode", ""), "tanh");
  EXPECT_THROW(node.number("axis", 0), Error);
}

}  // namespace
}  // namespace hasten::graph
