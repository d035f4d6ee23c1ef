// Hand-computed values, above all where opsets differ; the ONNX node cases (node_cases_test.cpp)
// cover the rest of the main domain.
#include <gmock/gmock.h>

#include <cmath>

#include "graph/run_text_for_test.h"

namespace hasten::graph {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pointwise;

const std::string k_matrix = "const x float32[2, 3] = 1 2 3 4 5 6";

TEST(Operators, BroadcastAsNumpyDoes) {
  EXPECT_EQ(evaluate(k_matrix + "\nconst y float32[2, 1] = 10 20", "Add(x, y)"),
            (std::vector<double>{11, 12, 13, 24, 25, 26}));
  EXPECT_EQ(evaluate(k_matrix + "\nconst y float32[] = 2", "Pow(x, y)"),
            (std::vector<double>{1, 4, 9, 16, 25, 36}));
  EXPECT_EQ(
      run_text(
          "const a float32[2, 1] = 1 2\nconst b float32[1, 3] = 1 2 3\nc = Mul(a, b)\noutput c")
          .dims,
      (Dims{2, 3}));
}

TEST(Operators, IntegersTruncateAndWrap) {
  EXPECT_EQ(evaluate("const a int64[2] = -7 7\nconst b int64[] = 2", "Div(a, b)"),
            (std::vector<double>{-3, 3}));
  EXPECT_EQ(evaluate("const a int64[2] = -7 7\nconst b int64[] = 3", "Mod(a, b)"),
            (std::vector<double>{2, 1}));
  EXPECT_EQ(evaluate("const a int64[2] = -7 7\nconst b int64[] = 3", "Mod(a, b) {fmod=1}"),
            (std::vector<double>{-1, 1}));
  EXPECT_EQ(evaluate("const a uint8[1] = 250\nconst b uint8[1] = 10", "Add(a, b)"),
            (std::vector<double>{4}));
  EXPECT_EQ(evaluate("const a int8[1] = 100\nconst b int8[1] = 2", "Mul(a, b)"),
            (std::vector<double>{-56}));
}

TEST(Operators, SoftmaxFlattensBeforeOpset13) {
  const std::string x = "const x float32[1, 2, 2] = 0 0 0 0";
  EXPECT_EQ(evaluate("opset 11\n" + x, "Softmax(x)"), (std::vector<double>{.25, .25, .25, .25}));
  EXPECT_EQ(evaluate("opset 13\n" + x, "Softmax(x)"), (std::vector<double>{.5, .5, .5, .5}));
  EXPECT_EQ(evaluate("opset 11\n" + x, "Softmax(x) {axis=2}"),
            (std::vector<double>{.5, .5, .5, .5}));
}

TEST(Operators, AxesAreAttributesOrInputs) {
  EXPECT_EQ(evaluate("opset 11\n" + k_matrix, "ReduceSum(x) {axes=[1], keepdims=0}"),
            (std::vector<double>{6, 15}));
  EXPECT_EQ(
      evaluate("opset 13\n" + k_matrix + "\nconst a int64[1] = -1", "ReduceSum(x, a) {keepdims=0}"),
      (std::vector<double>{6, 15}));
  EXPECT_EQ(evaluate("opset 17\n" + k_matrix, "ReduceMean(x) {axes=[0]}"),
            (std::vector<double>{2.5, 3.5, 4.5}));
  EXPECT_EQ(evaluate("opset 18\n" + k_matrix + "\nconst a int64[1] = 0", "ReduceMean(x, a)"),
            (std::vector<double>{2.5, 3.5, 4.5}));
  EXPECT_EQ(run_text("opset 11\n" + k_matrix + "\ny = Unsqueeze(x) {axes=[0, 3]}\noutput y").dims,
            (Dims{1, 2, 3, 1}));
  EXPECT_EQ(run_text(k_matrix + "\nconst a int64[1] = 1\ny = Unsqueeze(x, a)\noutput y").dims,
            (Dims{2, 1, 3}));
}

TEST(Operators, SliceTakesAttributesOrInputs) {
  EXPECT_EQ(evaluate("opset 9\n" + k_matrix,
                     "Slice(x) {axes=[1], starts=[1], ends=[9223372036854775807]}"),
            (std::vector<double>{2, 3, 5, 6}));
  EXPECT_EQ(evaluate(k_matrix + "\nconst s int64[1] = -1\nconst e int64[1] = -100\nconst a "
                                "int64[1] = 1\nconst t int64[1] = -2",
                     "Slice(x, s, e, a, t)"),
            (std::vector<double>{3, 1, 6, 4}));
}

TEST(Operators, ClipTakesAttributesOrInputs) {
  EXPECT_EQ(evaluate("opset 6\n" + k_matrix, "Clip(x) {min=2.0, max=4.0}"),
            (std::vector<double>{2, 2, 3, 4, 4, 4}));
  EXPECT_EQ(evaluate(k_matrix + "\nconst m float32[] = 4", "Clip(x, _, m)"),
            (std::vector<double>{1, 2, 3, 4, 4, 4}));
}

TEST(Operators, SplitKnowsItsThreeForms) {
  EXPECT_EQ(
      evaluate("opset 11\n" + k_matrix + "\na, b = Split(x) {axis=1, split=[1, 2]}", "Identity(b)"),
      (std::vector<double>{2, 3, 5, 6}));
  EXPECT_EQ(
      evaluate(k_matrix + "\nconst s int64[2] = 1 2\na, b = Split(x, s) {axis=1}", "Identity(a)"),
      (std::vector<double>{1, 4}));
  EXPECT_EQ(evaluate("opset 18\n" + k_matrix + "\na, b = Split(x) {axis=1, num_outputs=2}",
                     "Identity(b)"),
            (std::vector<double>{3, 6}));
}

TEST(Operators, MatMulFollowsNumpyOnVectorsAndBatches) {
  EXPECT_EQ(evaluate(k_matrix + "\nconst v float32[3] = 1 0 2", "MatMul(x, v)"),
            (std::vector<double>{7, 16}));
  EXPECT_EQ(evaluate(k_matrix + "\nconst v float32[2] = 1 2", "MatMul(v, x)"),
            (std::vector<double>{9, 12, 15}));
  const auto batched = run_text(
      "const a float32[2, 1, 1, 2] = 1 2 3 4\nconst b float32[3, 2, 1] = 1 0 0 1 1 1\nc = "
      "MatMul(a, b)\noutput c");
  EXPECT_EQ(batched.dims, (Dims{2, 3, 1, 1}));
  EXPECT_EQ(batched.values, (std::vector<double>{1, 2, 3, 3, 4, 7}));
  EXPECT_EQ(evaluate(k_matrix, "com.microsoft.FusedMatMul(x, x) {alpha=0.5, transB=1}"),
            (std::vector<double>{7, 16, 16, 38.5}));
}

TEST(Operators, CastTruncatesAndRounds) {
  EXPECT_EQ(evaluate("const x float32[3] = 1.9 -1.9 nan", "Cast(x) {to=7}"),
            (std::vector<double>{1, -1, 0}));
  EXPECT_EQ(evaluate("const x float32[2] = 0.5 0.0", "Cast(x) {to=9}"),
            (std::vector<double>{1, 0}));
  EXPECT_EQ(evaluate("const x float32[1] = 2049.0", "Cast(x) {to=10}"),
            (std::vector<double>{2048}));
  EXPECT_EQ(evaluate("const x float32[1] = 1e+30", "Cast(x) {to=7}"),
            (std::vector<double>{9223372036854775807.0}));
}

TEST(Operators, MinimumAndMaximumKeepNotANumber) {
  const auto values =
      evaluate("const a float32[2] = nan 1\nconst b float32[2] = 1 nan", "Max(a, b)");
  EXPECT_TRUE(std::isnan(values[0]) && std::isnan(values[1]));
}

TEST(Operators, ActivationsEqualTheirFormulas) {
  const std::string x = "const x float32[2] = -1.5 2.0";
  const auto near = [](double error) { return DoubleNear(0, error); };
  const auto compare = [&](const std::string& expression, auto formula) {
    const auto values = evaluate(x, expression);
    EXPECT_THAT(values[0] - formula(-1.5), near(1e-12)) << expression;
    EXPECT_THAT(values[1] - formula(2.0), near(1e-12)) << expression;
  };
  const auto gelu = [](double v) { return v * 0.5 * (1 + std::erf(v / std::sqrt(2.0))); };
  const auto tanh_gelu = [](double v) {
    return 0.5 * v * (1 + std::tanh(std::sqrt(2 / M_PI) * (v + 0.044715 * v * v * v)));
  };
  compare("Gelu(x)", gelu);
  compare("Gelu(x) {approximate=\"tanh\"}", tanh_gelu);
  compare("com.microsoft.Gelu(x)", gelu);
  compare("com.microsoft.FastGelu(x)", tanh_gelu);
  compare("com.microsoft.QuickGelu(x) {alpha=2.0}",
          [](double v) { return v / (1 + std::exp(-2 * v)); });
  compare("Sigmoid(x)", [](double v) { return 1 / (1 + std::exp(-v)); });
  compare("Mish(x)", [](double v) { return v * std::tanh(std::log1p(std::exp(v))); });
  const auto biased = evaluate(x + "\nconst b float32[2] = 1 2", "com.microsoft.BiasGelu(x, b)");
  EXPECT_THAT(biased[0] - gelu(-0.5), near(1e-12));
  EXPECT_THAT(biased[1] - gelu(4.0), near(1e-12));
}

TEST(Operators, LayerNormalizationHasUnitVariance) {
  const double unit =
      std::sqrt(1.5) / std::sqrt(1 + 1.5e-5);  // of (1, 2, 3): deviations over sqrt(2/3 + 1e-5)
  EXPECT_THAT(
      evaluate(k_matrix + "\nconst g float32[3] = 1 1 1\nconst b float32[3] = 0 0 1",
               "LayerNormalization(x, g, b)"),
      Pointwise(DoubleNear(1e-9), std::vector<double>{-unit, 0, unit + 1, -unit, 0, unit + 1}));
}

TEST(Operators, SkipLayerNormalizationAddsFirst) {
  const std::string constants = R"(
    const x float32[1, 2, 2] = 1 2 3 4
    const s float32[1, 2, 2] = 0 1 1 0
    const g float32[2] = 1 1
    const b float32[2] = 0 0
    const c float32[2] = 1 0
    y, _, _, sum = com.microsoft.SkipLayerNormalization(x, s, g, b, c) {epsilon=0.0}
  )";
  EXPECT_EQ(evaluate(constants, "Identity(sum)"), (std::vector<double>{2, 3, 5, 4}));
  EXPECT_THAT(evaluate(constants, "Identity(y)"),
              Pointwise(DoubleNear(1e-12), std::vector<double>{-1, 1, 1, -1}));
}

TEST(Operators, EmbedLayerNormalizationSumsThreeTables) {
  const std::string constants = R"(
    const ids int32[1, 2] = 1 0
    const segments int32[1, 2] = 0 1
    const word float32[2, 2] = 1 0 0 3
    const position float32[2, 2] = 0 0 1 0
    const segment float32[2, 2] = 0 0 5 0
    const g float32[2] = 1 1
    const b float32[2] = 0 0
    const mask int32[1, 2] = 1 0
    y, lengths, sum = com.microsoft.EmbedLayerNormalization(ids, segments, word, position, segment, g, b, mask)
  )";
  EXPECT_EQ(evaluate(constants, "Identity(sum)"), (std::vector<double>{0, 3, 7, 0}));
  EXPECT_EQ(evaluate(constants, "Identity(lengths)"), (std::vector<double>{1}));
  EXPECT_THAT(evaluate(constants, "Identity(y)"),
              Pointwise(DoubleNear(1e-9), std::vector<double>{-1, 1, 1, -1}));
}

// Two tokens, one head of one dimension: q = k = v = x. The scores of token t are x_t * x.
class AttentionMasks : public testing::Test {
 protected:
  static std::vector<double> run(const std::string& mask, const std::string& attributes = "") {
    return evaluate(
        "const x float32[1, 2, 1] = 1 2\nconst w float32[1, 3] = 1 1 1\nconst b float32[3] = 0 0 "
        "0\n" +
            mask,
        "com.microsoft.Attention(x, w, b, " + std::string(mask.empty() ? "_" : "mask") +
            ") {num_heads=1" + attributes + "}");
  }
  static double mix(double query, bool first, bool second) {
    const double a = first ? std::exp(query) : 0;
    const double b = second ? std::exp(2 * query) : 0;
    return (a + 2 * b) / (a + b);
  }
};

TEST_F(AttentionMasks, AllFormsMeanTheSame) {
  const auto near = [](double a, double b) {
    return ElementsAre(DoubleNear(a, 1e-12), DoubleNear(b, 1e-12));
  };
  EXPECT_THAT(run(""), near(mix(1, true, true), mix(2, true, true)));
  EXPECT_THAT(run("const mask int32[1, 2] = 1 0"), near(1, 1));
  EXPECT_THAT(run("const mask int32[1, 2] = 0 1"), near(2, 2));
  EXPECT_THAT(run("const mask int32[1] = 1"), near(1, 1));
  EXPECT_THAT(run("const mask int32[2] = 2 1"), near(2, 2));
  EXPECT_THAT(run("const mask int32[1, 2, 2] = 1 0 1 1"), near(1, mix(2, true, true)));
  EXPECT_THAT(run("", ", unidirectional=1"), near(1, mix(2, true, true)));
  EXPECT_THAT(run("const mask int32[1, 2] = 0 0"), near(mix(1, true, true), mix(2, true, true)))
      << "all masked: the filter value cancels out";
}

TEST(Operators, MultiHeadAttentionEqualsAttention) {
  const std::string constants = R"(
    const x float32[2, 3, 4] = ...
    const w float32[4, 12] = ...
    const b float32[12] = ...
    const mask int32[2, 3] = 1 1 0 1 1 1
  )";
  const auto packed = evaluate(constants, "com.microsoft.Attention(x, w, b, mask) {num_heads=2}");
  const auto split = evaluate(constants + "p = MatMul(x, w)\nq, k, v = Split(p) {axis=2}",
                              "com.microsoft.MultiHeadAttention(q, k, v, b, mask) {num_heads=2}");
  EXPECT_THAT(split, Pointwise(DoubleNear(1e-12), packed));
  const auto by_head =
      evaluate(constants + R"(
        p0 = MatMul(x, w)
        p = Add(p0, b)
        q, k, v = Split(p) {axis=2}
        const heads int64[4] = 0 0 2 2
        k1 = Reshape(k, heads)
        k2 = Transpose(k1) {perm=[0, 2, 1, 3]}
        v1 = Reshape(v, heads)
        v2 = Transpose(v1) {perm=[0, 2, 1, 3]})",
               "com.microsoft.MultiHeadAttention(q, k2, v2, _, mask) {num_heads=2}");
  EXPECT_THAT(by_head, Pointwise(DoubleNear(1e-12), packed));
}

TEST(Operators, LogSumExpDoesNotOverflow) {
  EXPECT_THAT(evaluate("const x float32[2] = 1000 1000", "ReduceLogSumExp(x) {keepdims=0}"),
              ElementsAre(DoubleNear(1000 + std::log(2.0), 1e-9)));
}

}  // namespace
}  // namespace hasten::graph
