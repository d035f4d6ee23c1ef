#include <hasten/optimize.h>

#include <chrono>

#include "api/model_source.h"
#include "base/error.h"
#include "graph/from_onnx.h"
#include "graph/model_metadata.h"
#include "graph/passes/pass.h"
#include "graph/to_onnx.h"

namespace hasten {
namespace {

void record_passes(graph::Graph& graph, const std::vector<graph::PassReport>& reports) {
  auto metadata = graph::read_metadata(graph.metadata);
  if (!metadata) return;
  for (const graph::PassReport& report : reports) {
    if (report.outcome.rewrites > 0) metadata->passes.push_back(report.name);
  }
  graph::write_metadata(*metadata, graph.metadata);
}

PassSummary summarize(const graph::PassReport& report) {
  return {report.name, report.summary, report.outcome.rewrites, report.seconds,
          report.outcome.unmatched};
}

}  // namespace

OptimizeReport optimize(const OptimizeOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  if (api::is_checkpoint(options.input)) {
    fail(ErrorCode::k_usage, "not an ONNX file", options.input, "a checkpoint was given",
         "Convert it first: hasten convert FOLDER OUT.onnx");
  }
  graph::Graph graph = graph::load_onnx(options.input);
  OptimizeReport report;
  report.nodes_before = graph.order().size();
  const auto passes = graph::run_passes(graph, options.skip_passes);
  for (const graph::PassReport& pass : passes) report.passes.push_back(summarize(pass));
  report.nodes_after = graph.order().size();
  record_passes(graph, passes);
  graph::save_onnx(graph, options.output);
  report.output_bytes = std::filesystem::file_size(options.output);
  report.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

std::vector<PassSummary> list_passes() {
  std::vector<PassSummary> passes;
  for (const graph::Pass& pass : graph::all_passes()) {
    passes.push_back({std::string(pass.name), std::string(pass.summary), 0, 0, {}});
  }
  return passes;
}

}  // namespace hasten
