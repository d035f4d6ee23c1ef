#include "graph/classifier_head.h"

#include <gtest/gtest.h>

#include "graph/dump.h"

namespace hasten::graph {
namespace {

using Applied = std::optional<Function>;

// What remains of a classifier of three classes, or of one, whose outputs are made by `ending` of the logits "y".
struct Kept {
  std::string output;
  Applied function;
  std::size_t outputs;
  std::size_t nodes;
  bool operator==(const Kept&) const = default;
};

Kept keep(const std::string& ending, const std::string& classes = "3") {
  Graph graph = parse_text("input x float32[batch, 2]\nconst head float32[2, " + classes +
                           "] = ...\ny = MatMul(x, head)\n" + ending);
  const Applied function = keep_logits(graph);
  return {graph.value(graph.outputs().at(0)).name, function, graph.outputs().size(),
          graph.order().size()};
}

TEST(ClassifierHead, IsTheOnlyOutput) {
  EXPECT_EQ(keep("output y"), (Kept{"y", {}, 1, 1}));
  EXPECT_EQ(keep("z = Identity(y)\noutput z"), (Kept{"z", {}, 1, 2}));
  EXPECT_EQ(keep("z = Tanh(y)\noutput z"), (Kept{"z", {}, 1, 2}));
}

TEST(ClassifierHead, IsBehindTheFunctionThatMakesProbabilities) {
  EXPECT_EQ(keep("z = Softmax(y) {axis=-1}\noutput z"), (Kept{"y", Function::k_softmax, 1, 1}));
  EXPECT_EQ(keep("z = LogSoftmax(y) {axis=1}\noutput z"), (Kept{"y", Function::k_softmax, 1, 1}));
  EXPECT_EQ(keep("p = Sigmoid(y)\nz = Identity(p)\noutput z"),
            (Kept{"y", Function::k_sigmoid, 1, 1}));
  // One that is applied to the texts of a batch makes no probabilities, and a second none of the first.
  EXPECT_EQ(keep("z = Softmax(y) {axis=0}\noutput z"), (Kept{"z", {}, 1, 2}));
  EXPECT_EQ(keep("p = Softmax(y)\nz = Softmax(p)\noutput z"),
            (Kept{"p", Function::k_softmax, 1, 2}));
}

TEST(ClassifierHead, KeepsTheOnlyClass) {
  const std::string squeeze = "const axis int64[1] = -1\nz = Squeeze(y, axis)\n";
  EXPECT_EQ(keep(squeeze + "output z", "1"), (Kept{"y", {}, 1, 1}));
  EXPECT_EQ(keep(squeeze + "p = Sigmoid(z)\noutput p", "1"),
            (Kept{"y", Function::k_sigmoid, 1, 1}));
}

TEST(ClassifierHead, IsFoundAmongOutputs) {
  const std::string hidden = "const axes int64[1] = 1\nh = Unsqueeze(x, axes)\noutput h\n";
  EXPECT_EQ(keep(hidden + "output y\n"), (Kept{"y", {}, 1, 1}));
  const std::string label =
      "label = ArgMax(y) {axis=-1, keepdims=0}\np = Softmax(y)\noutput label\noutput p\n";
  EXPECT_EQ(keep(label), (Kept{"y", Function::k_softmax, 1, 1}));
  EXPECT_EQ(keep("p = Sigmoid(y)\noutput y\noutput p"), (Kept{"y", Function::k_sigmoid, 1, 1}));
}

TEST(ClassifierHead, IsTheOutputThatIsNamedSo) {
  const std::string two = "pooled = Tanh(x)\noutput pooled\nLogits = Identity(y)\noutput Logits\n";
  EXPECT_EQ(keep(two), (Kept{"Logits", {}, 1, 2}));
  EXPECT_EQ(keep("pooled = Tanh(x)\noutput pooled\noutput y\n"), (Kept{"pooled", {}, 1, 1}));
}

TEST(ClassifierHead, IsNothingWithoutOutputs) {
  EXPECT_EQ(find_classifier_head(parse_text("input x float32[2]\n")).logits, k_no_value);
}

}  // namespace
}  // namespace hasten::graph
