#include "graph/from_onnx.h"

#include <fmt/format.h>

#include <set>

#include "base/error.h"
#include "graph/graph_import.h"
#include "graph/verify.h"
#include "onnx/reader.h"

namespace hasten::graph {
namespace {

constexpr std::int64_t k_newest_opset = 28;

void check_opsets(const ModelImport& import) {
  const auto main = import.opsets.find(std::string(k_onnx_domain));
  const std::int64_t version = main == import.opsets.end() ? 1 : main->second;
  if (version < 1 || version > k_newest_opset) {
    fail(ErrorCode::k_unsupported, fmt::format("opset {} is not known", version), import.where,
         "the exporter is newer than this program", "Export the model again with opset 17.");
  }
}

// The opsets of the model and of its functions, which must agree.
void collect_opsets(const onnx::Model& model, ModelImport& import) {
  for (const auto& [domain, version] : model.opsets)
    import.opsets[normalized_domain(domain)] = version;
  for (const onnx::Function& function : model.functions) {
    import.functions[{normalized_domain(function.domain), function.name, function.overload}] =
        &function;
    for (const auto& [domain, version] : function.opsets) {
      const auto [place, added] = import.opsets.emplace(normalized_domain(domain), version);
      if (!added && place->second != version) {
        fail(ErrorCode::k_unsupported,
             fmt::format("function {} is of opset {} and the model of opset {}", function.name,
                         version, place->second),
             import.where);
      }
    }
  }
}

// Domains that only functions were of are gone with them.
void remove_unused_domains(Graph& graph) {
  std::set<std::string> used = {std::string(k_onnx_domain), std::string(k_microsoft_domain)};
  for (const NodeId id : graph.order()) used.insert(graph.node(id).domain);
  std::erase_if(graph.opsets, [&](const auto& opset) { return !used.contains(opset.first); });
}

Graph import_model(const onnx::Model& model, const std::string& where) {
  ModelImport import{where, {}, {}, 0};
  collect_opsets(model, import);
  check_opsets(import);
  Graph graph = import_graph(import, model.graph);
  graph.ir_version = model.ir_version;
  graph.producer_name = model.producer_name;
  graph.producer_version = model.producer_version;
  graph.metadata.insert(model.metadata.begin(), model.metadata.end());
  if (!model.functions.empty()) remove_unused_domains(graph);
  verify(graph);
  return graph;
}

}  // namespace

Graph load_onnx(const std::filesystem::path& path) {
  return import_model(onnx::load_model(path), path.string());
}

Graph parse_onnx(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                 const std::string& where) {
  return import_model(onnx::read_model(bytes, std::move(owner), where), where);
}

}  // namespace hasten::graph
