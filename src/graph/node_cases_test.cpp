// The conformance cases of ONNX itself, where Debian's libonnx-testdata is installed: one small
// model for each use of each operator, with inputs and outputs.
#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <set>

#include "base/error.h"
#include "base/onnx_dtype.h"
#include "graph/from_onnx.h"
#include "graph/interpreter.h"
#include "graph/shapes.h"
#include "onnx/reader.h"

namespace hasten::graph {
namespace {

namespace fs = std::filesystem;

// HASTEN_ONNX_CASES names another folder of such cases, of later opsets say.
fs::path cases_folder() {
  const char* other = std::getenv("HASTEN_ONNX_CASES");
  return other != nullptr ? other : "/usr/share/libonnx-testdata/data/node";
}

bool all_supported(const Graph& graph) {
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    if (!interpreter_supports(node.op_type, node.domain)) return false;
    if (node.is("Cast") && !dtype_of_onnx(node.integer("to", 0))) return false;
    for (const auto& [name, attribute] : node.attributes) {
      const auto* body = std::get_if<std::shared_ptr<const Graph>>(&attribute);
      if (body != nullptr && !all_supported(**body)) return false;
    }
  }
  return true;
}

// Cases of supported operators that are random, not of numbers, or whose files are of other shapes
// than the graph says.
const std::set<std::string> k_excluded = {"test_cast_FLOAT_to_STRING",
                                          "test_castlike_FLOAT_to_STRING",
                                          "test_castlike_FLOAT_to_STRING_expanded",
                                          "test_castlike_BFLOAT16_to_FLOAT",
                                          "test_castlike_BFLOAT16_to_FLOAT_expanded",
                                          "test_castlike_FLOAT_to_BFLOAT16",
                                          "test_castlike_FLOAT_to_BFLOAT16_expanded",
                                          "test_training_dropout",
                                          "test_training_dropout_default",
                                          "test_training_dropout_default_mask",
                                          "test_training_dropout_mask"};

std::vector<double> values_of_any(const Tensor& tensor) {
  if (is_floating(tensor.dtype)) return to_float64(tensor);
  const std::vector<std::int64_t> integers = to_int64(tensor);
  return {integers.begin(), integers.end()};
}

double relative_tolerance(DType dtype) {
  if (dtype == DType::k_float16) return 2e-3;
  if (dtype == DType::k_bfloat16) return 2e-2;
  return 1e-3;  // as ONNX has it: some expected values come from a pi of few digits
}

// Empty when they agree.
std::string difference(const Tensor& expected, const Tensor& actual) {
  if (expected.dims != actual.dims)
    return "shape " + to_string(actual.dims) + " for " + to_string(expected.dims);
  if (!is_floating(expected.dtype) && expected.dtype != actual.dtype) return "another element type";
  const std::vector<double> wanted = values_of_any(expected);
  const std::vector<double> got = values_of_any(actual);
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    const double tolerance = is_floating(expected.dtype)
                                 ? 1e-6 + relative_tolerance(expected.dtype) * std::abs(wanted[k])
                                 : 0;
    const bool same = wanted[k] == got[k] || (std::isnan(wanted[k]) && std::isnan(got[k]));
    if (!same && !(std::abs(wanted[k] - got[k]) <= tolerance)) {
      return "element " + std::to_string(k) + ": " + std::to_string(got[k]) + " for " +
             std::to_string(wanted[k]);
    }
  }
  return {};
}

// The files hold bfloat16 as its bits.
Tensor as_declared(Tensor tensor, std::optional<DType> dtype) {
  if (dtype == DType::k_bfloat16 && tensor.dtype == DType::k_uint16) tensor.dtype = *dtype;
  return tensor;
}

std::map<std::string, Tensor> read_inputs(const Graph& graph, const fs::path& data) {
  std::map<std::string, Tensor> inputs;
  for (std::size_t index = 0; index < graph.inputs().size(); ++index) {
    const fs::path file = data / ("input_" + std::to_string(index) + ".pb");
    const Value& input = graph.value(graph.inputs()[index]);
    inputs.emplace(input.name, as_declared(onnx::load_tensor(file).tensor, input.dtype));
  }
  return inputs;
}

std::string run_case(const Graph& graph, const fs::path& data, Precision precision) try {
  const auto outputs = interpret(graph, read_inputs(graph, data), precision);
  for (std::size_t index = 0; index < graph.outputs().size(); ++index) {
    const fs::path file = data / ("output_" + std::to_string(index) + ".pb");
    const Value& output = graph.value(graph.outputs()[index]);
    const Tensor expected = as_declared(onnx::load_tensor(file).tensor, output.dtype);
    const std::string found = difference(expected, outputs.at(output.name));
    if (!found.empty()) return "output " + std::to_string(index) + ", " + found;
  }
  return {};
} catch (const Error& error) {
  return error.what();
}

// Nothing when the file is not of tensors of numbers.
std::optional<Graph> load_if_supported(const fs::path& file) {
  try {
    return load_onnx(file);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::k_unsupported) << file << ": " << error.what();
    return std::nullopt;
  }
}

// Empty when what is inferred of the outputs is true; counts the shapes that are all numbers.
std::string check_inference(Graph graph, const fs::path& data, std::size_t& complete) try {
  for (const ValueId id : graph.outputs()) {
    if (graph.producer(id) == k_no_node) continue;
    graph.value(id).dtype.reset();
    graph.value(id).shape.reset();
  }
  infer_shapes(graph);
  for (std::size_t index = 0; index < graph.outputs().size(); ++index) {
    const Value& output = graph.value(graph.outputs()[index]);
    const fs::path file = data / ("output_" + std::to_string(index) + ".pb");
    const Tensor expected = as_declared(onnx::load_tensor(file).tensor, output.dtype);
    if (output.dtype && output.dtype != expected.dtype) return "another element type";
    if (!output.shape) continue;
    if (output.shape->size() != expected.dims.size()) return "another rank";
    bool all_known = true;
    for (std::size_t axis = 0; axis < expected.dims.size(); ++axis) {
      const Dim& dim = (*output.shape)[axis];
      if (dim.known() && dim.size != expected.dims[axis]) return "another dimension";
      all_known = all_known && dim.known();
    }
    complete += all_known;
  }
  return {};
} catch (const Error& error) {
  return error.what();
}

class NodeCasesRun : public testing::TestWithParam<Precision> {};

TEST_P(NodeCasesRun, AllOfSupportedOperatorsPass) {
  const fs::path cases = cases_folder();
  if (!fs::exists(cases)) GTEST_SKIP() << "libonnx-testdata is not installed";
  std::size_t passed = 0;
  std::size_t left_out = 0;
  for (const auto& entry : fs::directory_iterator(cases)) {
    const std::string name = entry.path().filename().string();
    const std::optional<Graph> graph = load_if_supported(entry.path() / "model.onnx");
    if (!graph || !all_supported(*graph) || k_excluded.contains(name)) {
      ++left_out;
      continue;
    }
    const std::string found = run_case(*graph, entry.path() / "test_data_set_0", GetParam());
    EXPECT_EQ(found, "") << name;
    passed += found.empty();
  }
  RecordProperty("passed", static_cast<int>(passed));
  RecordProperty("left_out", static_cast<int>(left_out));
  EXPECT_GE(passed, 627U);
}

TEST(NodeCases, InferredShapesAreThoseOfTheResults) {
  const fs::path cases = cases_folder();
  if (!fs::exists(cases)) GTEST_SKIP() << "libonnx-testdata is not installed";
  std::size_t complete = 0;
  for (const auto& entry : fs::directory_iterator(cases)) {
    const std::string name = entry.path().filename().string();
    const std::optional<Graph> graph = load_if_supported(entry.path() / "model.onnx");
    if (!graph || !all_supported(*graph) || k_excluded.contains(name)) continue;
    EXPECT_EQ(check_inference(*graph, entry.path() / "test_data_set_0", complete), "") << name;
  }
  RecordProperty("complete", static_cast<int>(complete));
  EXPECT_GE(complete, 621U);
}

INSTANTIATE_TEST_SUITE_P(Precisions, NodeCasesRun,
                         testing::Values(Precision::k_float64, Precision::k_float32),
                         [](const auto& chosen) {
                           return chosen.param == Precision::k_float64 ? "Float64" : "Float32";
                         });

}  // namespace
}  // namespace hasten::graph
