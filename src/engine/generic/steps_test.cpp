// Every operator that the engine computes itself, on every instruction set: against the interpreter in double
// precision, for texts alone and in step, and bit by bit.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "base/error.h"
#include "engine/generic/step_runner.h"
#include "graph/dump.h"
#include "graph/interpreter.h"

namespace hasten::engine::generic {
namespace {

std::vector<const cpu::KernelTable*> tables() {
  std::vector<const cpu::KernelTable*> result;
  for (const cpu::TableEntry& entry : cpu::kernel_tables()) {
    if (entry.available) result.push_back(entry.table);
  }
  return result;
}

std::vector<float> random_floats(std::size_t count, unsigned seed, float low = -2, float high = 2) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(low, high);
  std::vector<float> values(count);
  for (float& value : values) value = uniform(random);
  return values;
}

// A graph in the text form, and the shapes of its inputs x, y, ... for each text.
struct Case {
  std::string name;
  std::string graph;
  std::vector<std::vector<Dims>> texts;  // by text, by input
  double tolerance = 2e-6;               // times the largest number of the result, at least 1
  bool own = true;                       // whether the engine has a body for the last node
  float low = -2;
};

std::ostream& operator<<(std::ostream& out, const Case& tested) {
  return out << tested.name;
}

using TextInputs = std::map<std::string, Tensor>;

std::vector<TextInputs> inputs_of(const Case& tested, const graph::Graph& graph) {
  std::vector<TextInputs> all;
  unsigned seed = 7;
  for (const auto& shapes : tested.texts) {
    TextInputs inputs;
    for (std::size_t index = 0; index < shapes.size(); ++index) {
      const auto count = static_cast<std::size_t>(*element_count(shapes[index]));
      inputs[graph.value(graph.inputs()[index]).name] =
          make_tensor(shapes[index], random_floats(count, ++seed, tested.low));
    }
    all.push_back(std::move(inputs));
  }
  return all;
}

struct Outcome {
  std::vector<Array> results;  // by text
  bool own = false;            // whether the last step was the engine's own
};

Outcome run(const graph::Graph& graph, const std::vector<TextInputs>& texts,
            const cpu::KernelTable& kernels) {
  const Plan plan(graph, kernels);
  Workbench bench(kernels);
  ArraySlots slots;
  slots.reset(plan.graph().value_count(), texts.size());
  for (std::size_t text = 0; text < texts.size(); ++text) {
    for (const graph::ValueId id : plan.graph().inputs())
      slots.at(id, text) = graph::to_array<float>(texts[text].at(plan.graph().value(id).name));
  }
  Outcome outcome;
  for (const Step& step : plan.text_steps()) outcome.own = run_step(plan, step, bench, slots, true);
  for (std::size_t text = 0; text < texts.size(); ++text)
    outcome.results.push_back(slots.at(plan.graph().outputs()[0], text));
  return outcome;
}

bool same_bits(const Array& a, const Array& b) {
  return a.dims == b.dims && a.reals.size() == b.reals.size() &&
         std::memcmp(a.reals.data(), b.reals.data(), a.reals.size_bytes()) == 0;
}

void expect_near(const Array& result, const Tensor& expected, double tolerance) {
  ASSERT_EQ(result.dims, expected.dims);
  const std::vector<double> exact = to_float64(expected);
  double largest = 1;
  for (const double value : exact) largest = std::max(largest, std::abs(value));
  for (std::size_t index = 0; index < exact.size(); ++index) {
    ASSERT_NEAR(static_cast<double>(result.reals[index]), exact[index], tolerance * largest)
        << "at " << index;
  }
}

class Steps : public testing::TestWithParam<Case> {};

TEST_P(Steps, GiveWhatTheInterpreterGives) {
  const graph::Graph graph = graph::parse_text(GetParam().graph);
  const auto texts = inputs_of(GetParam(), graph);
  for (const cpu::KernelTable* table : tables()) {
    const Outcome together = run(graph, texts, *table);
    EXPECT_EQ(together.own, GetParam().own) << table->name;
    for (std::size_t text = 0; text < texts.size(); ++text) {
      SCOPED_TRACE(std::string(table->name) + ", text " + std::to_string(text));
      const auto expected = graph::interpret(graph, texts[text]);
      expect_near(together.results[text], expected.begin()->second, GetParam().tolerance);
    }
  }
}

TEST_P(Steps, GiveTheSameBitsAloneAndOnEveryInstructionSet) {
  const graph::Graph graph = graph::parse_text(GetParam().graph);
  const auto texts = inputs_of(GetParam(), graph);
  const Outcome reference = run(graph, texts, cpu::scalar_table());
  for (const cpu::KernelTable* table : tables()) {
    for (std::size_t text = 0; text < texts.size(); ++text) {
      const Outcome alone = run(graph, {texts[text]}, *table);
      EXPECT_TRUE(same_bits(alone.results[0], reference.results[text]))
          << table->name << ", text " << text;
    }
  }
}

std::string unary(const std::string& expression) {
  return "input x float32[1, n, w]\nz = " + expression + "\noutput z";
}
std::string binary(const std::string& operation, const std::string& y) {
  return "input x float32[1, n, w]\n" + y + "\nz = " + operation + "\noutput z";
}
// Numbers of a constant: 1 2 3 ... in steps that no sum hides.
std::string numbers(int count) {
  std::string text;
  for (int k = 0; k < count; ++k) text += " " + std::to_string((k * 37 % 11) - 5) + ".25";
  return text;
}

const std::vector<std::vector<Dims>> k_rows = {{{1, 3, 35}}, {{1, 1, 35}}, {{1, 5, 35}}};
const std::vector<std::vector<Dims>> k_pairs = {{{1, 3, 35}, {1, 3, 35}}, {{1, 7, 35}, {1, 7, 35}}};
const std::string k_row = "const y float32[35] =" + numbers(35);
const std::string k_other = "input y float32[1, n, w]";

std::vector<Case> function_cases() {
  std::vector<Case> cases;
  for (const std::string name : {"Neg", "Abs", "Erf", "Relu", "Tanh", "Sigmoid", "Exp"})
    cases.push_back({name, unary(name + "(x)"), k_rows});
  for (const std::string name : {"Sqrt", "Reciprocal"})
    cases.push_back({name, unary(name + "(x)"), k_rows, 2e-6, true, 0.5F});
  cases.push_back({"Mish", "opset 18\n" + unary("Mish(x)"), k_rows});
  cases.push_back({"Gelu", "opset 20\n" + unary("Gelu(x)"), k_rows});
  cases.push_back({"GeluTanh", "opset 20\n" + unary("Gelu(x) {approximate=\"tanh\"}"), k_rows});
  cases.push_back({"MicrosoftGelu", unary("com.microsoft.Gelu(x)"), k_rows});
  cases.push_back({"QuickGelu", unary("com.microsoft.QuickGelu(x)"), k_rows});
  cases.push_back({"BiasGelu", binary("com.microsoft.BiasGelu(x, y)", k_row), k_rows});
  cases.push_back({"FastGelu", binary("com.microsoft.FastGelu(x, y)", k_row), k_rows});
  cases.push_back({"Log", unary("Log(x)"), k_rows, 2e-6, false, 0.5F});
  cases.push_back({"Square", binary("Pow(x, y)", "const y float32[] = 2"), k_rows});
  cases.push_back({"Cube", binary("Pow(x, y)", "const y float32[] = 3"), k_rows, 2e-6, false});
  return cases;
}

std::vector<Case> combining_cases() {
  std::vector<Case> cases;
  for (const std::string name : {"Add", "Sub", "Mul", "Div"}) {
    cases.push_back({name + "Row", binary(name + "(x, y)", k_row), k_rows});
    cases.push_back({name + "Number", binary(name + "(x, y)", "const y float32[] = 3"), k_rows});
    cases.push_back({name + "Both", binary(name + "(x, y)", k_other), k_pairs, 2e-6, true, 0.5F});
  }
  const std::string add = "Add(x, y)";
  cases.push_back({"RowFirst", binary("Sub(y, x)", k_row), k_rows});
  cases.push_back(
      {"Column", binary(add, k_other), {{{1, 4, 19}, {1, 4, 1}}, {{1, 2, 19}, {1, 2, 1}}}});
  cases.push_back({"Outer", binary(add, k_other), {{{1, 4, 1}, {1, 1, 33}}}});
  cases.push_back(
      {"Middle", binary(add, "input y float32[2, 1, 1, w]"), {{{1, 3, 18}, {2, 1, 1, 18}}}});
  cases.push_back({"Empty", binary(add, k_other), {{{1, 0, 5}, {1, 0, 5}}}, 0, false});
  cases.push_back(
      {"Scalars", "input x float32[]\ninput y float32[]\nz = Add(x, y)\noutput z", {{{}, {}}}});
  return cases;
}

std::vector<Case> product_cases() {
  const std::string weight = "const y float32[5, 19] =" + numbers(95);
  const std::string joined = "input x float32[1, n, 5]\n" + weight +
                             "\nconst b float32[19] =" + numbers(19) + "\np = MatMul(x, y)\n";
  const std::vector<std::vector<Dims>> rows = {{{1, 3, 5}}, {{1, 1, 5}}, {{1, 31, 5}}};
  const std::string two =
      "input x float32[1, h, n, d]\ninput y float32[1, h, d, m]\nz = MatMul(x, y)\noutput z";
  const std::string broadcast =
      "input x float32[b, h, n, d]\ninput y float32[c, h, d, m]\nz = MatMul(x, y)\noutput z";
  return {
      {"Constant", "input x float32[1, n, 5]\n" + weight + "\nz = MatMul(x, y)\noutput z", rows},
      {"Vector", "input x float32[n]\n" + weight + "\nz = MatMul(x, y)\noutput z", {{{5}}}},
      {"Bias", joined + "z = Add(p, b)\noutput z", rows},
      {"BiasFirst", joined + "z = Add(b, p)\noutput z", rows},
      {"BiasRelu", joined + "q = Add(p, b)\nz = Relu(q)\noutput z", rows},
      {"BiasErf", joined + "z = com.microsoft.BiasGelu(p, b)\noutput z", rows, 3e-6},
      {"BiasReadTwice", joined + "q = Add(p, b)\nr = Relu(q)\nz = Add(r, q)\noutput z", rows},
      {"BothOfText", two, {{{1, 2, 9, 17}, {1, 2, 17, 33}}, {{1, 2, 1, 3}, {1, 2, 3, 1}}}},
      {"Broadcast", broadcast, {{{3, 2, 4, 6}, {1, 2, 6, 7}}, {{1, 1, 4, 6}, {3, 2, 6, 7}}}},
      {"Turned",
       "input x float32[1, h, n, d]\ninput y float32[1, h, m, d]\nz = com.microsoft.FusedMatMul(x, "
       "y) "
       "{alpha=0.125, transB=1}\noutput z",
       {{{1, 2, 9, 17}, {1, 2, 33, 17}}, {{1, 2, 40, 16}, {1, 2, 18, 16}}}},
      {"Gemm",
       "input x float32[n, 5]\n" + weight + "\nconst b float32[19] =" + numbers(19) +
           "\nz = Gemm(x, y, b)\noutput z",
       {{{3, 5}}, {{1, 5}}}},
      {"GemmTurned",
       "input x float32[n, 19]\n" + weight + "\nz = Gemm(x, y) {transB=1}\noutput z",
       {{{3, 19}}, {{1, 19}}}},
  };
}

std::vector<Case> normalizing_cases() {
  const std::string gamma =
      "const g float32[35] =" + numbers(35) + "\nconst b float32[35] =" + numbers(35);
  const std::string skip = "input x float32[1, n, w]\ninput y float32[1, n, w]\n" + gamma + "\n";
  return {
      {"Softmax", unary("Softmax(x)"), k_rows},
      {"SoftmaxShort", unary("Softmax(x)"), {{{1, 3, 5}}, {{1, 4, 1}}}},
      {"SoftmaxLong", unary("Softmax(x)"), {{{1, 3, 64}}, {{1, 4, 100}}}},
      {"SoftmaxMiddle", unary("Softmax(x) {axis=1}"), k_rows, 2e-6, false},
      {"LayerNormalization", binary("LayerNormalization(x, g, b)", gamma), k_rows, 1e-5},
      {"WithoutBeta", binary("LayerNormalization(x, g)", gamma), k_rows, 1e-5},
      {"Skip", skip + "z = com.microsoft.SkipLayerNormalization(x, y, g, b)\noutput z", k_pairs,
       1e-5},
      {"SkipSum",
       skip +
           "z, m, v, s = com.microsoft.SkipLayerNormalization(x, y, g, b)\nt = Add(z, s)\noutput t",
       k_pairs, 1e-5},
  };
}

std::vector<Case> moving_cases() {
  const std::string heads = "input x float32[1, n, 3, 5]\n";
  const std::vector<std::vector<Dims>> split = {{{1, 4, 3, 5}}, {{1, 1, 3, 5}}};
  return {
      {"Transpose", heads + "z = Transpose(x) {perm=[0, 2, 1, 3]}\noutput z", split},
      {"TransposeLast", heads + "z = Transpose(x) {perm=[0, 2, 3, 1]}\noutput z", split},
      {"TransposeAll", heads + "z = Transpose(x)\noutput z", split},
      {"Reshape", heads + "const s int64[3] = 0 -1 15\nz = Reshape(x, s)\noutput z", split},
      {"Unsqueeze", heads + "const s int64[2] = 0 -1\nz = Unsqueeze(x, s)\noutput z", split},
      {"Squeeze", heads + "const s int64[1] = 0\nz = Squeeze(x, s)\noutput z", split},
      {"Slice",
       heads + "const s int64[2] = 1 -4\nconst e int64[2] = 3 99\nconst a int64[2] = 2 -1\n"
               "z = Slice(x, s, e, a)\noutput z",
       split},
      {"SliceBack",
       heads + "const s int64[1] = -1\nconst e int64[1] = -99\nconst a int64[1] = 3\n"
               "const t int64[1] = -2\nz = Slice(x, s, e, a, t)\noutput z",
       split, 0, false},
      {"Split",
       heads + "const s int64[2] = 2 3\np, q = Split(x, s) {axis=3}\nz = Concat(q, p) "
               "{axis=3}\noutput z",
       split},
      {"Concat",
       heads + "input y float32[1, n, 3, 2]\nz = Concat(x, y) {axis=3}\noutput z",
       {{{1, 4, 3, 5}, {1, 4, 3, 2}}, {{1, 1, 3, 5}, {1, 1, 3, 2}}}},
      {"ConcatElements",
       heads + "const a int64[1] = 4\nu = Unsqueeze(x, a)\nz = Concat(u, u, u) {axis=4}\noutput z",
       split},
      {"Pad", heads + "const p int64[8] = 0 2 0 1 0 1 3 0\nz = Pad(x, p)\noutput z", split},
      {"PadLess", heads + "const p int64[8] = 0 0 0 -1 0 1 3 0\nz = Pad(x, p)\noutput z", split, 0,
       false},
      {"Expand",
       "input x float32[1, n, 1]\nconst s int64[3] = 2 1 4\nz = Expand(x, s)\noutput z",
       {{{1, 3, 1}}}},
      {"GatherElements",
       "input x float32[1, 2, w]\nconst s int64[1, 2, 3] = 0 -1 2 1 1 -3\n"
       "z = GatherElements(x, s) {axis=-1}\noutput z",
       {{{1, 2, 5}}, {{1, 2, 4}}}},
      {"Gather", heads + "const s int64[2] = 2 -3\nz = Gather(x, s) {axis=2}\noutput z", split},
  };
}

std::vector<Case> convolution_cases() {
  const std::string weight =
      "const y float32[3, 1, 5] =" + numbers(15) + "\nconst b float32[3] = 1 2 3\n";
  return {
      {"ByChannel",
       "input x float32[1, 3, n]\n" + weight + "z = Conv(x, y, b) {group=3, pads=[2, 2]}\noutput z",
       {{{1, 3, 9}}, {{1, 3, 2}}, {{1, 3, 1}}}},
      {"ByChannelOfTwoAxes",
       "input x float32[1, 2, n, 4]\nconst y float32[2, 1, 3, 1] =" + numbers(6) +
           "\nz = Conv(x, y) {group=2, pads=[1, 0, 1, 0]}\noutput z",
       {{{1, 2, 5, 4}}, {{1, 2, 1, 4}}}},
      {"Shorter",
       "input x float32[1, 3, n]\n" + weight + "z = Conv(x, y, b) {group=3}\noutput z",
       {{{1, 3, 9}}},
       2e-6,
       false},
  };
}

std::string name_of_case(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}
INSTANTIATE_TEST_SUITE_P(Function, Steps, testing::ValuesIn(function_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Combining, Steps, testing::ValuesIn(combining_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Product, Steps, testing::ValuesIn(product_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Normalizing, Steps, testing::ValuesIn(normalizing_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Moving, Steps, testing::ValuesIn(moving_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Convolution, Steps, testing::ValuesIn(convolution_cases()), name_of_case);

TEST(StepErrors, RefuseWhatDoesNotFit) {
  const graph::Graph graph = graph::parse_text(
      "input x float32[1, n, w]\nconst y float32[2, 2] = 1 2 3 4\nz = MatMul(x, y)\noutput z");
  const TextInputs inputs = {{"x", make_tensor<float>({1, 1, 3}, {1, 2, 3})}};
  EXPECT_THROW(run(graph, {inputs}, cpu::scalar_table()), Error);
  const graph::Graph gather = graph::parse_text(
      "input x float32[1, n, w]\nconst y int64[1] = 7\nz = Gather(x, y) {axis=2}\noutput z");
  EXPECT_THROW(run(gather, {inputs}, cpu::scalar_table()), Error);
}

TEST(StepErrors, RefuseToRoundToHalf) {
  const graph::Graph graph = graph::parse_text(
      "input x float32[1, n, w]\nh = Cast(x) {to=10}\nr = Relu(h)\nz = Cast(r) {to=1}\noutput z");
  const TextInputs inputs = {{"x", make_tensor<float>({1, 1, 3}, {1, 2, 3})}};
  EXPECT_THROW(run(graph, {inputs}, cpu::scalar_table()), ComputesInHalf);
}

}  // namespace
}  // namespace hasten::engine::generic
