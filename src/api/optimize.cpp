#include <hasten/optimize.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "api/model_source.h"
#include "api/output_form.h"
#include "api/pass_check.h"
#include "base/error.h"
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

PassSummary summarize(const graph::PassReport& report, const std::optional<api::PassCheck>& check) {
  return {report.name,    report.summary,           report.outcome.rewrites,
          report.seconds, report.outcome.unmatched, check ? check->difference_of(report.name) : -1};
}

std::vector<graph::PassReport> run_passes(graph::Graph& graph, const OptimizeOptions& options,
                                          std::optional<api::PassCheck>& check) {
  if (!options.verify_passes) return graph::run_passes(graph, options.skip_passes);
  check.emplace(graph);
  return graph::run_passes(
      graph, options.skip_passes,
      [&](const graph::Pass& pass, const graph::Graph& after) { check->check(pass, after); });
}

bool fuses_attention(const graph::PassReport& pass) {
  return pass.name.starts_with("fuse_attention") || pass.name == graph::k_fuse_biased_attention;
}

// k_fuse_biased_attention takes what the passes before it leave alone, and has the last word: what they say of
// other layers is forgotten.
void forget_layers_fused_later(std::vector<graph::PassReport>& passes) {
  const auto last = std::find_if(passes.begin(), passes.end(), [](const graph::PassReport& pass) {
    return pass.name == graph::k_fuse_biased_attention;
  });
  if (last == passes.end()) return;
  for (auto pass = passes.begin(); pass != last; ++pass) {
    if (fuses_attention(*pass)) pass->outcome.unmatched.clear();
  }
}

void collect_unfused(const std::vector<graph::PassReport>& passes, OptimizeReport& report) {
  for (const graph::PassReport& pass : passes) {
    if (!fuses_attention(pass)) continue;
    report.unfused_layers.insert(report.unfused_layers.end(), pass.outcome.unmatched.begin(),
                                 pass.outcome.unmatched.end());
  }
}

void require_all_fused(const OptimizeReport& report, const OptimizeOptions& options) {
  if (!options.strict || report.unfused_layers.empty()) return;
  fail(ErrorCode::k_unsupported,
       fmt::format("the attention of {} encoder layer{} is not fused; {}",
                   report.unfused_layers.size(), report.unfused_layers.size() == 1 ? "" : "s",
                   report.unfused_layers.front()),
       options.input, {},
       "Leave out --strict to write the rest; please report the file's exporter.");
}

std::uint64_t save(const graph::Graph& graph, const OptimizeOptions& options) {
  const auto before = api::count_weights(graph).bytes;
  graph::SaveLimits limits;
  limits.external = options.external_data;
  graph::save_onnx(graph, options.output, limits);
  const auto written = std::filesystem::file_size(options.output);
  return written < before ? before + written : written;  // weights beside the file count, too
}

}  // namespace

OptimizeReport optimize(const OptimizeOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  if (api::is_checkpoint(options.input)) {
    fail(ErrorCode::k_usage, "not an ONNX file", options.input, "a checkpoint was given",
         "Convert it first: hasten convert FOLDER OUT.onnx");
  }
  const bool carries = std::filesystem::is_directory(options.input) || !options.tokenizer.empty();
  graph::Graph graph = carries ? api::load_model(options.input, {}, options.tokenizer)
                               : api::load_graph(options.input);
  OptimizeReport report;
  report.nodes_before = graph.order().size();
  report.input_bytes = api::count_weights(graph).bytes;
  std::optional<api::PassCheck> check;
  auto passes = run_passes(graph, options, check);
  forget_layers_fused_later(passes);
  for (const graph::PassReport& pass : passes) report.passes.push_back(summarize(pass, check));
  collect_unfused(passes, report);
  require_all_fused(report, options);
  api::check_heads(graph, options);
  api::apply_forms(graph, options, report);
  report.nodes_after = graph.order().size();
  record_passes(graph, passes);
  report.output_bytes = save(graph, options);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

std::vector<PassSummary> list_passes() {
  std::vector<PassSummary> passes;
  for (const graph::Pass& pass : graph::all_passes()) {
    passes.push_back({std::string(pass.name), std::string(pass.summary), 0, 0, {}, -1});
  }
  return passes;
}

}  // namespace hasten
