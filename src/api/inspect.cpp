#include <hasten/inspect.h>

#include <fmt/format.h>

#include "api/graph_diff.h"
#include "api/model_source.h"
#include "base/cpu_features.h"
#include "base/error.h"
#include "base/thread_pool.h"
#include "classifier/text_classifier.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/lower.h"
#include "graph/classifier_head.h"
#include "graph/dump.h"
#include "graph/model_metadata.h"
#include "graph/passes/engine_form.h"
#include "graph/passes/name_token_inputs.h"
#include "graph/passes/pass.h"

namespace hasten {
namespace {

std::string type_of(const graph::Value& value) {
  std::string dims;
  for (const graph::Dim& dim : value.shape.value_or(graph::Shape{})) {
    dims += dims.empty() ? "" : ", ";
    dims += dim.known() ? std::to_string(dim.size) : (dim.name.empty() ? "?" : dim.name);
  }
  return fmt::format("{}[{}]", value.dtype ? name_of(*value.dtype) : "?", dims);
}

std::vector<std::pair<std::string, std::string>> describe_values(
    const graph::Graph& graph, const std::vector<graph::ValueId>& ids) {
  std::vector<std::pair<std::string, std::string>> described;
  described.reserve(ids.size());
  for (const graph::ValueId id : ids) {
    described.emplace_back(graph.value(id).name, type_of(graph.value(id)));
  }
  return described;
}

std::map<std::string, std::size_t> count_operators(const graph::Graph& graph) {
  std::map<std::string, std::size_t> counts;
  for (const graph::NodeId id : graph.order()) {
    const graph::Node& node = graph.node(id);
    ++counts[node.domain.empty() ? node.op_type : node.domain + "." + node.op_type];
  }
  return counts;
}

// A folder may be looked at without the files that its tokenizer needs.
std::string describe_tokenizer(const graph::ModelMetadata& metadata) {
  try {
    return classifier::load_tokenizer(metadata)->description();
  } catch (const Error& error) {
    return "none: " + error.details().what;
  }
}

void describe_meaning(const graph::Graph& graph, ModelSummary& summary) {
  const auto metadata = graph::read_metadata(graph.metadata);
  if (!metadata) return;
  summary.architecture = metadata->architecture;
  summary.labels = metadata->labels;
  summary.function = name_of(metadata->function);
  summary.function_reason = metadata->function_reason;
  summary.max_length = metadata->max_length;
  summary.max_length_reason = metadata->max_length_reason;
  summary.tokenizer = describe_tokenizer(*metadata);
  summary.passes_already_run = metadata->passes;
  summary.precision_plan = metadata->precision_plan;
  summary.measured_fidelity = metadata->measured_fidelity;
  summary.source_hashes = metadata->source_hashes;
  summary.tool_version = metadata->tool_version;
}

void describe_fusion(graph::Graph graph, ModelSummary& summary) {
  graph::Graph for_engine = graph;
  for (const graph::PassReport& pass : graph::run_passes(graph)) {
    summary.fused.emplace_back(pass.name, pass.outcome.rewrites);
  }
  summary.optimized_operators = count_operators(graph);
  graph::keep_logits(for_engine);
  graph::to_engine_form(for_engine);  // quantised products and the like, as a session reads them
  const auto lowered = engine::lower(for_engine);
  if (const auto* obstacle = std::get_if<engine::Obstacle>(&lowered)) {
    summary.obstacle = obstacle->reason;
  }
}

std::vector<std::pair<std::string, std::string>> roles_of(const graph::Graph& graph) {
  const std::vector<std::string> names = graph::token_input_names(graph);
  std::vector<std::pair<std::string, std::string>> roles;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& own = graph.value(graph.inputs()[i]).name;
    if (own != names[i]) roles.emplace_back(own, names[i]);
  }
  return roles;
}

}  // namespace

ModelSummary inspect(const std::filesystem::path& model) {
  const bool is_folder = std::filesystem::is_directory(model);
  const graph::Graph graph = is_folder ? api::load_model(model) : api::load_graph(model);
  ModelSummary summary;
  summary.kind = api::is_checkpoint(model) ? "checkpoint folder" : "ONNX file";
  summary.producer = graph.producer_name + " " + graph.producer_version;
  summary.inputs = describe_values(graph, graph.inputs());
  summary.input_roles = roles_of(graph);
  summary.outputs = describe_values(graph, graph.outputs());
  summary.opsets = graph.opsets;
  const api::WeightCount weights = api::count_weights(graph);
  summary.parameter_count = weights.parameters;
  summary.weight_bytes = weights.bytes;
  summary.operators = count_operators(graph);
  describe_meaning(graph, summary);
  describe_fusion(graph, summary);
  return summary;
}

CpuSummary inspect_cpu() {
  CpuSummary summary;
  summary.model = detect_cpu_features().model;
  summary.threads = available_threads();
  for (const auto& set : engine::cpu::instruction_sets()) {
    summary.instruction_sets.push_back(
        {set.name, set.needs, set.precisions, set.available, set.chosen});
  }
  return summary;
}

std::string dump_graph(const std::filesystem::path& model) {
  return graph::dump(api::load_graph(model));
}

std::string diff_graphs(const std::filesystem::path& before, const std::filesystem::path& after) {
  const graph::Graph a = api::load_graph(before);
  const graph::Graph b = api::load_graph(after);
  std::map<std::string, std::pair<std::size_t, std::size_t>> counts;
  for (const auto& [name, count] : count_operators(a)) counts[name].first = count;
  for (const auto& [name, count] : count_operators(b)) counts[name].second = count;
  std::string out;
  for (const auto& [name, count] : counts) {
    if (count.first != count.second)
      out += fmt::format("{} {} -> {}\n", name, count.first, count.second);
  }
  return out + "\n" + api::diff_lines(graph::dump(a), graph::dump(b));
}

}  // namespace hasten
