// A pass: one rewriting of the graph, told apart by name.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace hasten::graph {

// What a pass did. `unmatched` says, for places that looked like its pattern and were left alone,
// the node where the match stopped and what was expected there.
struct PassOutcome {
  std::size_t rewrites = 0;
  std::vector<std::string> unmatched;
};

struct Pass {
  std::string_view name;     // "fuse_attention": a verb and its object
  std::string_view summary;  // one line for reports
  PassOutcome (*run)(Graph& graph);
};

// The passes whose results the engine does not read: it lowers what turns heads and what computes the bias
// of scores.
inline constexpr std::string_view k_fuse_rotary_embedding = "fuse_rotary_embedding";
inline constexpr std::string_view k_fuse_biased_attention = "fuse_biased_attention";

struct PassReport {
  std::string name;
  std::string summary;
  PassOutcome outcome;
  double seconds = 0;
};

// All passes, in the order in which they run.
std::span<const Pass> all_passes();

// Runs the passes not named in `skip`, verifying the graph after each, and removes what is dead at
// the end. `observe` is called with the graph after each pass that changed it (may be empty).
// Throws k_usage when `skip` names no pass.
std::vector<PassReport> run_passes(
    Graph& graph, std::span<const std::string> skip = {},
    const std::function<void(const Pass&, const Graph&)>& observe = {});

}  // namespace hasten::graph
