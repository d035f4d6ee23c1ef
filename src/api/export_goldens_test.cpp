// Every export of tests/goldens/exports against ONNX Runtime's outputs: interpreted as it is, after
// the passes, and on the engine, where all encoder layers have to be fused.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "base/json.h"
#include "base/mapped_file.h"
#include "engine/session.h"
#include "graph/from_onnx.h"
#include "graph/interpreter.h"
#include "graph/passes/pass.h"
#include "graph/passes/restore_products.h"

namespace hasten {
namespace {

// Another folder of exports may be named.
std::filesystem::path exports_folder() {
  const char* named = std::getenv("HASTEN_EXPORTS");
  return named == nullptr ? HASTEN_EXPORTS_DIR : named;
}

struct Export {
  std::filesystem::path file;
  std::string name;  // of the test
};

std::vector<Export> all_exports() {
  std::vector<Export> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(exports_folder())) {
    if (entry.path().extension() != ".onnx") continue;
    std::string name = entry.path().stem().string();
    std::replace(name.begin(), name.end(), '.', '_');
    found.push_back({entry.path(), name});
  }
  std::sort(found.begin(), found.end(),
            [](const Export& a, const Export& b) { return a.name < b.name; });
  return found;
}

const Json& golden_of_family(const std::filesystem::path& folder) {
  static std::map<std::string, Json> held;
  const std::filesystem::path path = folder / "golden.json";
  const auto [entry, added] = held.try_emplace(path.string());
  if (added) entry->second = Json::parse(read_file(path), path);
  return entry->second;
}

template <typename Integer>
void append_integers(const Json& json, std::vector<Integer>& out) {
  for (const Json& element : json.as_array("a row")) {
    out.push_back(static_cast<Integer>(element.as_integer("an id")));
  }
}

void append_numbers(const Json& json, std::vector<double>& out) {
  for (const Json& row : json.as_array("logits")) {
    for (const Json& number : row.as_array("a row")) {
      out.push_back(number.is_null() ? std::numeric_limits<double>::quiet_NaN()
                                     : number.as_number("a logit"));
    }
  }
}

// The inputs of a batch as a graph takes them.
std::map<std::string, Tensor> inputs_of(const graph::Graph& graph, const Json& batch) {
  std::map<std::string, Tensor> inputs;
  for (const graph::ValueId id : graph.inputs()) {
    const graph::Value& input = graph.value(id);
    const auto& rows = batch[input.name].as_array(input.name);
    std::vector<std::int64_t> elements;
    for (const Json& row : rows) append_integers(row, elements);
    const Dims dims = {static_cast<std::int64_t>(rows.size()),
                       static_cast<std::int64_t>(elements.size() / rows.size())};
    inputs[input.name] = input.dtype == DType::k_int32
                             ? make_tensor<std::int32_t>(dims, {elements.begin(), elements.end()})
                             : make_tensor<std::int64_t>(dims, std::move(elements));
  }
  return inputs;
}

std::vector<double> interpret_batch(const graph::Graph& graph, const Json& batch,
                                    graph::Precision precision) {
  const auto outputs = graph::interpret(graph, inputs_of(graph, batch), precision);
  return to_float64(outputs.at(graph.value(graph.outputs()[0]).name));
}

std::vector<double> interpret_texts(const graph::Graph& graph, const Json& texts,
                                    graph::Precision precision) {
  std::vector<double> logits;
  for (const Json& text : texts.as_array("texts")) {
    const std::vector<double> row = interpret_batch(graph, text, precision);
    logits.insert(logits.end(), row.begin(), row.end());
  }
  return logits;
}

// How many tokens a text has without its padding.
std::size_t length_of(const Json& text) {
  std::vector<std::int64_t> mask;
  if (!text.contains("attention_mask"))
    return text["input_ids"].as_array("input_ids")[0].as_array("a row").size();
  append_integers(text["attention_mask"].as_array("attention_mask")[0], mask);
  return static_cast<std::size_t>(std::count(mask.begin(), mask.end(), 1));
}

std::vector<double> classify(const engine::Session& session, const Json& texts) {
  std::vector<std::int32_t> ids, types, offsets{0};
  for (const Json& text : texts.as_array("texts")) {
    const std::size_t end = ids.size() + length_of(text);
    append_integers(text["input_ids"].as_array("input_ids")[0], ids);
    ids.resize(end);
    if (text.contains("token_type_ids")) {
      append_integers(text["token_type_ids"].as_array("token_type_ids")[0], types);
      types.resize(end);
    }
    offsets.push_back(static_cast<std::int32_t>(ids.size()));
  }
  types.resize(ids.size());
  std::vector<float> logits((offsets.size() - 1) * static_cast<std::size_t>(session.class_count()));
  session.make_stream({})->run({ids, types, offsets}, logits);
  return {logits.begin(), logits.end()};
}

// NaN counts as equal to NaN: a mask of minus infinity that keeps nothing gives it.
double distance(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double greatest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) && std::isnan(b[i])) continue;
    if (std::isnan(a[i]) || std::isnan(b[i])) return std::numeric_limits<double>::infinity();
    greatest = std::max(greatest, std::abs(a[i] - b[i]));
  }
  return greatest;
}

double mean_distance(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size() || a.empty()) return std::numeric_limits<double>::infinity();
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum / static_cast<double>(a.size());
}

std::int64_t count_attention(const graph::Graph& graph) {
  std::int64_t count = 0;
  for (const graph::NodeId id : graph.order()) {
    const graph::Node& node = graph.node(id);
    if (node.is("Attention", graph::k_microsoft_domain) ||
        node.is("MultiHeadAttention", graph::k_microsoft_domain)) {
      ++count;
    }
  }
  return count;
}

// Of a quantised file that is computed as its runtime does: the same integers, floats summed in
// another order.
constexpr double k_same_integers = 1e-5;

// What passes compute from constants of float16 is of float16 again.
constexpr double k_half_constants = 2e-3;

constexpr double k_exact_arithmetic = 1e-5;

constexpr auto k_exact = graph::Precision::k_float64;
constexpr auto k_as_runtime = graph::Precision::k_as_onnxruntime;

// The file that a tool made another of: "bert.script11.eager.onnx" of
// "bert.script11.eager.int8.onnx".
std::string source_of(const std::string& file) {
  const std::string stem = file.substr(0, file.rfind(".onnx"));
  return stem.substr(0, stem.rfind('.')) + ".onnx";
}

class ExportGoldens : public testing::TestWithParam<Export> {
 protected:
  void SetUp() override {
    graph_ = graph::load_onnx(GetParam().file);
    family_ = golden_of_family(GetParam().file.parent_path());
    const std::string file = GetParam().file.filename().string();
    golden_ = family_["files"][file];
    append_numbers(golden_["logits"], logits_);
    append_numbers(golden_["holed"], holed_);
    texts_ = golden_.contains("fixed") ? family_["fixed_texts"] : family_["texts"];
    kind_ = golden_["precision"].as_string("precision");
    tolerance_ = kind_ == "fp32" ? 1e-4 : kind_ == "fp16" ? 5e-3 : k_same_integers;
    if (kind_ != "int8") return;
    error_ = golden_["quantisation_error"].as_number("quantisation_error");
    append_numbers(family_["files"][source_of(file)]["many_logits"], exact_logits_);
  }

  // Of the batch, which exports for one text at a time do not take.
  std::vector<double> interpret_holed(const graph::Graph& graph, graph::Precision precision) const {
    if (golden_.contains("fixed")) return {};
    return interpret_batch(graph, family_["holed"], precision);
  }

  // Of all texts, and of the batch.
  std::vector<double> outputs_of(const graph::Graph& graph, graph::Precision precision) const {
    std::vector<double> outputs = interpret_texts(graph, texts_, precision);
    const std::vector<double> holed = interpret_holed(graph, precision);
    outputs.insert(outputs.end(), holed.begin(), holed.end());
    return outputs;
  }

  // A quantised file, whose activations the engine rounds in its own way, token by token, is no
  // further from the file before than the runtime is, over many texts; others are where it is.
  void expect_outputs_of(const engine::Session& session) const {
    EXPECT_EQ(session.obstacle(), "");
    if (kind_ == "int8") {
      EXPECT_LE(mean_distance(classify(session, family_["many_texts"]), exact_logits_), error_);
    } else {
      EXPECT_LE(distance(classify(session, texts_), logits_), tolerance_);
    }
  }

  graph::Graph graph_;
  Json family_, golden_, texts_;
  std::string kind_;
  std::vector<double> logits_, holed_;
  double tolerance_ = 0;
  std::vector<double> exact_logits_;  // of many texts, of the file before it was quantised
  double error_ = 0;                  // the mean error that the runtime's quantisation makes
};

TEST_P(ExportGoldens, TheInterpreterGivesOnnxRuntimesOutputs) {
  const auto texts = interpret_texts(graph_, texts_, k_as_runtime);
  EXPECT_LE(distance(texts, logits_), tolerance_);
  const auto holed = interpret_holed(graph_, k_as_runtime);
  EXPECT_LE(distance(holed, holed_), tolerance_);
}

TEST_P(ExportGoldens, ThePassesFuseAllLayersAndKeepTheOutputs) {
  if (kind_ == "int8") graph::restore_products(graph_);
  graph::Graph rewritten = graph_;
  std::string unmatched;
  for (const auto& report : graph::run_passes(rewritten)) {
    for (const std::string& line : report.outcome.unmatched)
      unmatched += report.name + ": " + line + "\n";
  }
  EXPECT_EQ(count_attention(rewritten), golden_["layers"].as_integer("layers")) << unmatched;
  if (kind_ != "fp32") {
    EXPECT_LE(distance(outputs_of(rewritten, k_exact), outputs_of(graph_, k_exact)),
              kind_ == "fp16" ? k_half_constants : k_exact_arithmetic);
    return;
  }
  EXPECT_LE(distance(interpret_texts(rewritten, texts_, k_as_runtime), logits_), tolerance_);
  EXPECT_LE(distance(interpret_holed(rewritten, k_as_runtime), holed_), tolerance_);
}

TEST_P(ExportGoldens, TheEngineRunsItOnItsOwnKernels) {
  expect_outputs_of(*engine::Session::open(graph_, {}));
}

TEST_P(ExportGoldens, TheEngineRunsItsOptimizedFormToo) {
  graph::Graph optimized = graph_;
  graph::run_passes(optimized);
  expect_outputs_of(*engine::Session::open(optimized, {}));
}

INSTANTIATE_TEST_SUITE_P(All, ExportGoldens, testing::ValuesIn(all_exports()),
                         [](const auto& param_info) { return param_info.param.name; });

}  // namespace
}  // namespace hasten
