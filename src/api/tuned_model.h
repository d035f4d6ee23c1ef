// The model that tuning writes: its plan, and what was measured of it, in the metadata.
#pragma once

#include <filesystem>

#include <hasten/tune.h>

#include "engine/precision_plan.h"
#include "graph/graph.h"

namespace hasten::api {

// Throws k_output when no file can be made there: nobody should learn that after the search.
void check_output(const std::filesystem::path& output);

// Replaces `output` atomically. Throws k_unsupported for a graph without metadata of Hasten's,
// k_output.
void save_tuned_model(graph::Graph& graph, const engine::PrecisionPlan& plan,
                      const TuneReport& report, const std::filesystem::path& output);

}  // namespace hasten::api
