#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "graph/passes/pass.h"
#include "graph/verify.h"

namespace hasten::graph {
namespace {

void check_names(std::span<const std::string> names) {
  std::string known;
  for (const Pass& pass : all_passes()) {
    known += (known.empty() ? "" : ", ") + std::string(pass.name);
  }
  for (const std::string& name : names) {
    const auto is_named = [&](const Pass& pass) { return pass.name == name; };
    if (std::any_of(all_passes().begin(), all_passes().end(), is_named)) continue;
    fail(ErrorCode::k_usage, fmt::format("there is no pass '{}'", name), {}, {},
         fmt::format("Choose among: {}.", known));
  }
}

PassReport run_one(const Pass& pass, Graph& graph) {
  const auto start = std::chrono::steady_clock::now();
  PassOutcome outcome = pass.run(graph);
  if (outcome.rewrites > 0) {
    graph.sort();
    graph.remove_dead();
    verify(graph);
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  return {std::string(pass.name), std::string(pass.summary), std::move(outcome), taken.count()};
}

}  // namespace

std::vector<PassReport> run_passes(Graph& graph, std::span<const std::string> skip,
                                   const std::function<void(const Pass&, const Graph&)>& observe) {
  check_names(skip);
  std::vector<PassReport> reports;
  for (const Pass& pass : all_passes()) {
    if (std::find(skip.begin(), skip.end(), pass.name) != skip.end()) continue;
    reports.push_back(run_one(pass, graph));
    if (reports.back().outcome.rewrites > 0 && observe) observe(pass, graph);
  }
  graph.remove_dead();
  return reports;
}

}  // namespace hasten::graph
