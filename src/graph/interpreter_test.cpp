#include "graph/interpreter.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "graph/block_weights.h"
#include "graph/run_text_for_test.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;

constexpr std::string_view k_sum = R"(
  input a float32[n, 2]
  input b float32[n, 2]
  result = Add(a, b)
  output result
)";

Tensor floats(Dims dims, std::vector<float> values) {
  return make_tensor<float>(std::move(dims), std::move(values));
}

ErrorCode code_of(std::string_view text, const std::map<std::string, Tensor>& inputs = {}) {
  try {
    interpret(parse_text(text), inputs);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::k_internal;
}

TEST(Interpreter, ComputesInThePrecisionAskedFor) {
  const std::map<std::string, Tensor> inputs = {{"a", floats({1, 2}, {1, 16777216})},
                                                {"b", floats({1, 2}, {0.5F, 1})}};
  const auto exact = run_text(k_sum, inputs);
  EXPECT_EQ(exact.dtype, DType::k_float64);
  EXPECT_EQ(exact.values, (std::vector<double>{1.5, 16777217}));
  const auto rounded = run_text(k_sum, inputs, Precision::k_float32);
  EXPECT_EQ(rounded.dtype, DType::k_float32);
  EXPECT_EQ(rounded.values, (std::vector<double>{1.5, 16777216}));
}

TEST(Interpreter, HoldsSixteenBitTensorsInSixteenBitsOnlyInFloat32) {
  constexpr std::string_view text = R"(
    const a float16[1] = 2048.0
    const b float16[1] = 1.0
    c = Add(a, b)
    result = Sub(c, a)
    output result
  )";
  EXPECT_EQ(run_text(text).values[0], 1);
  EXPECT_EQ(run_text(text, {}, Precision::k_float32).values[0], 0);
}

// What is left of a one that was added to 2048, where float16 has every other integer.
double one_left_by(std::string_view between) {
  const std::string text = R"(
    const a float16[1, 1] = 2048.0
    const b float16[1, 1] = 1.0
    const wide float32[1, 1] = 2049.0
    const dims int64[2] = 1 1
    c = Add(a, b)
    )" + std::string(between) +
                           R"(
    result = Sub(d, a)
    output result
  )";
  return run_text(text, {}, Precision::k_as_onnxruntime).values[0];
}

TEST(Interpreter, RoundsToSixteenBitsWhereOnnxRuntimeHoldsThem) {
  EXPECT_EQ(one_left_by("d = Add(c, b)"), 2);
  EXPECT_EQ(one_left_by("r = Reshape(c, dims)\nd = Transpose(r)"), 0);
}

TEST(Interpreter, AnOperatorBetweenFloatsDoesNotRound) {
  EXPECT_EQ(one_left_by("d = Reshape(c, dims)"), 1);
  EXPECT_EQ(one_left_by("r = Reshape(c, dims)\ns = Shape(r)\nd = Expand(r, s)"), 0);
}

TEST(Interpreter, ACastToSixteenBitsIsRoundedByThoseWhoHoldThem) {
  EXPECT_EQ(one_left_by("d = Cast(wide) {to=10}"), 1);
  EXPECT_EQ(one_left_by("e = Cast(wide) {to=10}\nd = Reshape(e, dims)"), 0);
  EXPECT_EQ(run_text("const a float32[1] = 2049.0\nb = Cast(a) {to=10}\noutput b\n", {},
                     Precision::k_as_onnxruntime)
                .values[0],
            2048);
}

TEST(Interpreter, ChecksItsInputs) {
  const Tensor good = floats({1, 2}, {1, 2});
  EXPECT_EQ(code_of(k_sum, {{"a", good}}), ErrorCode::k_usage);
  EXPECT_EQ(code_of(k_sum, {{"a", good}, {"b", good}, {"c", good}}), ErrorCode::k_usage);
  EXPECT_EQ(code_of(k_sum, {{"a", good}, {"b", floats({2}, {1, 2})}}), ErrorCode::k_usage);
  EXPECT_EQ(code_of(k_sum, {{"a", good}, {"b", floats({1, 3}, {1, 2, 3})}}), ErrorCode::k_usage);
  EXPECT_EQ(code_of(k_sum, {{"a", good}, {"b", make_tensor<std::int64_t>({1, 2}, {1, 2})}}),
            ErrorCode::k_usage);
  EXPECT_EQ(code_of(k_sum, {{"a", good}, {"b", floats({3, 2}, {1, 2, 3, 4, 5, 6})}}),
            ErrorCode::k_internal)
      << "a dimension of 1 broadcasts";
}

TEST(Interpreter, NamesTheOperatorThatItLacks) {
  try {
    run_text("input x float32[1]\ny = com.example.Unheard(x)\noutput y", {{"x", floats({1}, {1})}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::k_unsupported);
    EXPECT_THAT(error.what(), HasSubstr("com.example.Unheard"));
    EXPECT_THAT(error.what(), HasSubstr("output y"));
  }
}

TEST(Interpreter, KnowsNoBlocksWhoseBytesLeave64Bits) {
  for (const char* size : {"16", "2305843009213693952"}) {
    const Graph graph = parse_text(
        "input a float32[1, 16]\ninput packed uint8[1, 1, 16]\ninput scales float32[1]\n"
        "c = com.microsoft.MatMulNBits(a, packed, scales) {K=16, N=1, bits=8, block_size=" +
        std::string(size) + "}\noutput c");
    EXPECT_EQ(block_form(graph.node(graph.order()[0])).has_value(), std::string(size) == "16");
  }
}

TEST(Interpreter, LeavesOutWhatNoOutputNeeds) {
  EXPECT_EQ(evaluate("const x float32[1] = 4.0\nunused = Unheard(x)", "Sqrt(x)"),
            std::vector<double>{2});
}

TEST(Interpreter, RefusesShapesThatDoNotFit) {
  EXPECT_EQ(
      code_of("const a float32[2] = 1 2\nconst b float32[3] = 1 2 3\nc = Add(a, b)\noutput c"),
      ErrorCode::k_malformed);
  EXPECT_EQ(code_of("const a float32[2] = 1 2\nconst b int64[2] = 1 2\nc = Add(a, b)\noutput c"),
            ErrorCode::k_malformed);
  EXPECT_EQ(
      code_of("const a float32[2, 2] = 1 2 3 4\nconst s int64[1] = 3\nc = Reshape(a, s)\noutput c"),
      ErrorCode::k_malformed);
  EXPECT_EQ(code_of("const s int64[2] = 1000000000 1000000000\nc = ConstantOfShape(s)\noutput c"),
            ErrorCode::k_out_of_memory);
  EXPECT_EQ(code_of("const a float32[2] = 1 2\nconst i int64[] = 2\nc = Gather(a, i)\noutput c"),
            ErrorCode::k_malformed);
  EXPECT_EQ(code_of("const a int64[] = 2\nconst i int64[] = 0\nc = Div(a, i)\noutput c"),
            ErrorCode::k_malformed);
  EXPECT_EQ(code_of(R"(const a float32[4] = 1 2 3 4
                      const start int64[3] = 2 2 2
                      const end int64[3] = 4 4 4
                      const axes int64[3] = 0 -1 0
                      c = Slice(a, start, end, axes)
                      output c)"),
            ErrorCode::k_malformed)
      << "an axis that is named twice";
}

TEST(Interpreter, KnowsWhatItSupports) {
  EXPECT_TRUE(interpreter_supports("MatMul", ""));
  EXPECT_TRUE(interpreter_supports("Attention", "com.microsoft"));
  EXPECT_FALSE(interpreter_supports("MatMul", "com.microsoft"));
}

TEST(Interpreter, ReturnsInputsAndConstantsAsOutputs) {
  const auto outputs =
      interpret(parse_text("input x float32[1]\nconst c int64[1] = 7\noutput x\noutput c"),
                {{"x", floats({1}, {3})}});
  EXPECT_EQ(to_float64(outputs.at("x")), std::vector<double>{3});
  EXPECT_EQ(to_int64(outputs.at("c")), std::vector<std::int64_t>{7});
}

TEST(Interpreter, RunsTheBranchThatIsChosen) {
  constexpr std::string_view text = R"(
    input choice bool[]
    input x float32[1]
    result = If(choice, x) {
      hasten.captured=1,
      then_branch=graph{input a float32[1]; y = Exp(a); output y},
      else_branch=graph{input b float32[1]; z = Neg(b); output z}
    }
    output result
  )";
  const auto truth = [](std::uint8_t value) {
    Tensor tensor = make_tensor<std::uint8_t>({}, {value});
    tensor.dtype = DType::k_bool;
    return tensor;
  };
  EXPECT_EQ(run_text(text, {{"choice", truth(1)}, {"x", floats({1}, {0})}}).values[0], 1);
  EXPECT_EQ(run_text(text, {{"choice", truth(0)}, {"x", floats({1}, {5})}}).values[0], -5);
}

TEST(Interpreter, RunsLoopsWithCarriedCapturedAndStackedValues) {
  constexpr std::string_view text = R"(
    const trips int64[] = 3
    const go bool[] = 1
    const start float32[1] = 1.0
    const factor float32[1] = 2.0
    last, all = Loop(trips, go, start, factor) {
      hasten.captured=1,
      body=graph{
        input i int64[]
        input c bool[]
        input value float32[1]
        input times float32[1]
        next = Mul(value, times)
        kept = Identity(c)
        output kept
        output next
        output next
      }
    }
    result = Concat(last, flat) {axis=0}
    output result
  )";
  std::string with_flat(text);
  const auto place = with_flat.find("    result =");
  with_flat.insert(place, "    const shape int64[1] = -1\n    flat = Reshape(all, shape)\n");
  EXPECT_EQ(run_text(with_flat).values, (std::vector<double>{8, 2, 4, 8}));
}

}  // namespace
}  // namespace hasten::graph
