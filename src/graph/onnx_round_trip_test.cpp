// Graph -> ONNX file -> Graph, and ONNX files that no Graph of ours would write.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/mapped_file.h"
#include "graph/from_onnx.h"
#include "graph/run_text_for_test.h"
#include "graph/to_onnx.h"
#include "onnx/pieces.h"

namespace hasten::graph {
namespace {

namespace fs = std::filesystem;
using onnx::Pieces;
using testing::HasSubstr;

class OnnxRoundTrip : public testing::Test {
 protected:
  OnnxRoundTrip() {
    std::string pattern = (fs::temp_directory_path() / "onnx_round_trip_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~OnnxRoundTrip() override { fs::remove_all(folder_); }

  Graph through_file(const Graph& graph, const SaveLimits& limits = {}) {
    save_onnx(graph, folder_ / "m.onnx", limits);
    return load_onnx(folder_ / "m.onnx");
  }

  fs::path folder_;
};

TEST_F(OnnxRoundTrip, KeepsTheGraph) {
  Graph graph = parse_text(R"(
    opset 17
    opset com.microsoft 1
    input x float32[batch, 2, ?]
    input flag bool[]
    const w float32[2, 2] = 1 2 3 4
    const half float16[1] = 0.5
    const large int8[100, 10] = ...
    a float32[batch, ?], _, b = com.microsoft.Thing(x, _, w, half, large) {axes=[1, 2], axis=-1, epsilon=1e-05, f=[1.0], mode="t", s=["a"], value=tensor(int64[2] = 1 2)}
    c = Exp(b)
    output c
    output a
  )");
  graph.metadata = {{"hasten.key", "value"}};
  graph.producer_name = "hasten";
  graph.producer_version = "0.1";
  const Graph copy = through_file(graph);
  EXPECT_EQ(dump(copy), dump(graph));
  EXPECT_EQ(copy.metadata, graph.metadata);
  EXPECT_EQ(copy.producer_name, "hasten");
  const std::string first = read_file(folder_ / "m.onnx");
  through_file(copy);
  EXPECT_EQ(read_file(folder_ / "m.onnx"), first) << "written again, in place: the same bytes";
}

TEST_F(OnnxRoundTrip, KeepsTheGraphWithADataFile) {
  const Graph graph = parse_text(R"(
    input x float32[2, 100]
    const w float32[100, 100] = ...
    const b float32[100] = ...
    y = MatMul(x, w)
    z = Add(y, b)
    output z
  )");
  const Graph copy = through_file(graph, {20000});
  EXPECT_LT(fs::file_size(folder_ / "m.onnx"), 2000U);
  EXPECT_EQ(to_float32(*copy.value(copy.find_value("w")).constant),
            to_float32(*graph.value(graph.find_value("w")).constant));
}

TEST_F(OnnxRoundTrip, LeavesOutConstantsThatNobodyReads) {
  const Graph copy = through_file(
      parse_text("input x float32[1]\nconst unused float32[1000] = ...\ny = Exp(x)\noutput y"));
  EXPECT_EQ(copy.find_value("unused"), k_no_value);
}

constexpr std::string_view k_choice = R"(
  input choice bool[]
  input x float32[1]
  doubled float32[1] = Add(x, x)
  result = If(choice, doubled, x) {
    hasten.captured=2,
    then_branch=graph{input doubled float32[1]; input x float32[1]; y = Exp(doubled); output y},
    else_branch=graph{input p float32[1]; input q float32[1]; const x float32[1] = 3; z = Sub(p, q); w = Mul(z, x); output w}
  }
  output result
)";

TEST_F(OnnxRoundTrip, WritesWhatBodiesCaptureByName) {
  const Graph copy = through_file(parse_text(k_choice));
  const Tensor x = make_tensor<float>({1}, {5});
  Tensor no = make_tensor<std::uint8_t>({}, {0});
  no.dtype = DType::k_bool;
  Tensor yes = make_tensor<std::uint8_t>({}, {1});
  yes.dtype = DType::k_bool;
  EXPECT_EQ(to_float64(interpret(copy, {{"choice", no}, {"x", x}}).at("result")),
            std::vector<double>{15});
  EXPECT_EQ(to_float64(interpret(copy, {{"choice", yes}, {"x", x}}).at("result")),
            std::vector<double>{std::exp(10.0)});
  EXPECT_EQ(copy.node(copy.order()[1]).inputs.size(), 3U);
}

// --- files that are made by hand
// ------------------------------------------------------------------

Pieces node(const std::string& type, std::vector<std::string> inputs,
            std::vector<std::string> outputs, const std::string& domain = "",
            std::vector<Pieces> attributes = {}) {
  Pieces out;
  for (const std::string& input : inputs) out.add_text(1, input);
  for (const std::string& output : outputs) out.add_text(2, output);
  out.add_text(4, type);
  for (Pieces& attribute : attributes) out.add_message(5, std::move(attribute));
  if (!domain.empty()) out.add_text(7, domain);
  return out;
}

Pieces float_input(const std::string& name) {
  Pieces tensor;
  tensor.add_integer(1, 1);
  Pieces type;
  type.add_message(1, std::move(tensor));
  Pieces out;
  out.add_text(1, name);
  out.add_message(2, std::move(type));
  return out;
}

Pieces opset(const std::string& domain, std::int64_t version) {
  Pieces out;
  out.add_text(1, domain);
  out.add_integer(2, version);
  return out;
}

Pieces graph_of(std::vector<Pieces> nodes, const std::string& output = "y") {
  Pieces graph;
  for (Pieces& each : nodes) graph.add_message(1, std::move(each));
  graph.add_text(2, "g");
  graph.add_message(11, float_input("x"));
  graph.add_message(12, float_input(output));
  return graph;
}

Graph parse(Pieces graph, std::vector<Pieces> functions = {}, std::vector<Pieces> opsets = {}) {
  Pieces model;
  model.add_integer(1, 8);
  model.add_message(7, std::move(graph));
  model.add_message(8, opset("", 18));
  for (Pieces& each : opsets) model.add_message(8, std::move(each));
  for (Pieces& each : functions) model.add_message(25, std::move(each));
  auto bytes = std::make_shared<std::string>();
  model.write([&](std::span<const std::byte> part) {
    bytes->append(reinterpret_cast<const char*>(part.data()), part.size());
  });
  return parse_onnx(std::as_bytes(std::span(bytes->data(), bytes->size())), bytes, "test.onnx");
}

std::string failure(Pieces graph, std::vector<Pieces> functions = {},
                    std::vector<Pieces> opsets = {}) {
  try {
    parse(std::move(graph), std::move(functions), std::move(opsets));
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

Pieces function(const std::string& name, std::vector<std::string> inputs,
                std::vector<std::string> outputs, std::vector<Pieces> nodes,
                std::vector<std::string> attributes = {}, std::int64_t version = 18) {
  Pieces out;
  out.add_text(1, name);
  for (const std::string& input : inputs) out.add_text(4, input);
  for (const std::string& output : outputs) out.add_text(5, output);
  for (const std::string& attribute : attributes) out.add_text(6, attribute);
  for (Pieces& each : nodes) out.add_message(7, std::move(each));
  out.add_message(9, opset("", version));
  out.add_text(10, "local");
  return out;
}

Pieces integer_attribute(const std::string& name, std::int64_t value) {
  Pieces out;
  out.add_text(1, name);
  out.add_integer(3, value);
  out.add_integer(20, 2);
  return out;
}

Pieces reference(const std::string& name, const std::string& to) {
  Pieces out;
  out.add_text(1, name);
  out.add_integer(20, 2);
  out.add_text(21, to);
  return out;
}

TEST(FromOnnx, SortsNodes) {
  const Graph graph = parse(graph_of({node("Exp", {"a"}, {"y"}), node("Neg", {"x"}, {"a"})}));
  EXPECT_EQ(graph.node(graph.order()[0]).op_type, "Neg");
}

TEST(FromOnnx, RefusesBrokenGraphs) {
  EXPECT_THAT(failure(graph_of({node("Exp", {"nowhere"}, {"y"})})),
              HasSubstr("nothing computes nowhere"));
  EXPECT_THAT(failure(graph_of({node("Exp", {"x"}, {"z"})})), HasSubstr("nothing computes y"));
  EXPECT_THAT(failure(graph_of({node("Exp", {"y"}, {"a"}), node("Exp", {"a"}, {"y"})})),
              HasSubstr("circle"));
  EXPECT_THAT(failure(graph_of({node("Exp", {"x"}, {"y"}), node("Neg", {"x"}, {"y"})})),
              HasSubstr("named y"));
  EXPECT_THAT(failure(graph_of({node("Exp", {"x"}, {"x"})}, "x")), HasSubstr("named x"));
  EXPECT_THAT(failure(graph_of({node("Exp", {"x"}, {"y"})}), {}, {opset("", 99)}),
              HasSubstr("opset 99"));
}

TEST(FromOnnx, RefusesNodesThatLackWhatTheyNeed) {
  EXPECT_THAT(failure(graph_of({node("MatMul", {"x"}, {"y"})})), HasSubstr("input 1 is missing"));
  EXPECT_THAT(failure(graph_of({node("Where", {"x", "", "x"}, {"y"})})),
              HasSubstr("input 1 is missing"));
  EXPECT_THAT(failure(graph_of({node("Exp", {}, {"y"})})), HasSubstr("input 0 is missing"));
  EXPECT_THAT(
      failure(graph_of({node("FusedMatMul", {"x"}, {"y"}, std::string(k_microsoft_domain))})),
      HasSubstr("input 1 is missing"));
  const std::vector<std::string> two = {"x", "x"};
  EXPECT_THAT(
      failure(graph_of({node("QLinearWhere", two, {"y"}, std::string(k_microsoft_domain))})),
      HasSubstr("input 2 is missing"));
  EXPECT_THAT(failure(graph_of({node("Dropout", {"x"}, {"", "y"})})),
              HasSubstr("its output is missing"));
  EXPECT_EQ(failure(graph_of({node("Clip", {"x", "", "x"}, {"y"})})), "none");
  EXPECT_EQ(failure(graph_of({node("anything", {}, {"y"}, "local")})), "none");
}

TEST(FromOnnx, TakesAiOnnxForTheMainDomain) {
  const Graph graph = parse(graph_of({node("Exp", {"x"}, {"y"}, "ai.onnx")}));
  EXPECT_EQ(graph.node(graph.order()[0]).domain, "");
}

TEST(FromOnnx, MakesConstantNodesConstants) {
  Pieces attribute;
  attribute.add_text(1, "value_float");
  attribute.add_float(2, 2.5F);
  attribute.add_integer(20, 1);
  const Graph graph = parse(
      graph_of({node("Constant", {}, {"c"}, "", {attribute}), node("Add", {"x", "c"}, {"y"})}));
  EXPECT_EQ(graph.order().size(), 1U);
  EXPECT_EQ(to_float32(*graph.value(graph.find_value("c")).constant), std::vector<float>{2.5F});
}

TEST(FromOnnx, InlinesFunctionsOfFunctions) {
  std::vector<Pieces> functions;
  functions.push_back(
      function("twice", {"a"}, {"b"},
               {node("inner", {"a"}, {"t"}, "local", {integer_attribute("n", 1)}),
                node("inner", {"t"}, {"b"}, "local", {integer_attribute("n", 0)})}));
  functions.push_back(function(
      "inner", {"p"}, {"q"},
      {node("Flatten", {"p"}, {"t"}, "", {reference("axis", "n")}), node("Neg", {"t"}, {"q"})},
      {"n"}));
  const Graph graph = parse(graph_of({node("twice", {"x"}, {"y"}, "local")}), std::move(functions),
                            {opset("local", 1)});
  EXPECT_EQ(dump(graph), dump(parse_text(R"(
    opset 18
    input x float32
    t_1 = Flatten(x) {axis=1}
    t = Neg(t_1)
    t_2 = Flatten(t) {axis=0}
    y float32 = Neg(t_2)
    output y
  )")));
}

TEST(FromOnnx, InlinesFunctionsThatPassAnInputOn) {
  std::vector<Pieces> functions;
  functions.push_back(
      function("pass", {"a", "left_out"}, {"a", "b"}, {node("Clip", {"a", "left_out"}, {"b"})}));
  const Graph graph =
      parse(graph_of({node("pass", {"x"}, {"h", "unused"}, "local"), node("Exp", {"h"}, {"y"})}),
            std::move(functions));
  EXPECT_EQ(dump(graph), dump(parse_text(R"(
    opset 18
    input x float32
    unused = Clip(x, _)
    h = Identity(x)
    y float32 = Exp(h)
    output y
  )")));
}

TEST(FromOnnx, RefusesFunctionsWithoutEnd) {
  std::vector<Pieces> functions;
  functions.push_back(function("f", {"a"}, {"b"}, {node("f", {"a"}, {"b"}, "local")}));
  EXPECT_THAT(failure(graph_of({node("f", {"x"}, {"y"}, "local")}), functions),
              HasSubstr("without end"));
  std::vector<Pieces> doubling;
  for (int level = 0; level < 40; ++level) {
    const std::string next = "f" + std::to_string(level + 1);
    doubling.push_back(
        function("f" + std::to_string(level), {"a"}, {"b"},
                 {node(next, {"a"}, {"t"}, "local"), node(next, {"t"}, {"b"}, "local")}));
  }
  EXPECT_THAT(failure(graph_of({node("f0", {"x"}, {"y"}, "local")}), doubling),
              HasSubstr("more than 200,000 nodes"));
}

TEST(FromOnnx, RefusesFunctionsOfAnotherOpset) {
  std::vector<Pieces> functions;
  functions.push_back(function("f", {"a"}, {"b"}, {node("Neg", {"a"}, {"b"})}, {}, 9));
  EXPECT_THAT(failure(graph_of({node("f", {"x"}, {"y"}, "local")}), functions),
              HasSubstr("of opset 9"));
}

TEST(FromOnnx, IgnoresItsOwnAttributeInFiles) {
  const Graph graph = parse(
      graph_of({node("Exp", {"x"}, {"y"}, "", {integer_attribute("hasten.captured", 1000)})}));
  EXPECT_TRUE(graph.node(graph.order()[0]).attributes.empty());
}

}  // namespace
}  // namespace hasten::graph
