// From public options to a classifier and a pipeline.
#pragma once

#include <filesystem>
#include <memory>

#include <hasten/options.h>

#include "classifier/text_classifier.h"
#include "engine/precision_plan.h"
#include "engine/session.h"
#include "graph/graph.h"

namespace hasten::api {

std::unique_ptr<const classifier::TextClassifier> open_classifier(
    const std::filesystem::path& model, const ModelOptions& options);

// The number of threads that the options ask for; throws k_usage for a negative one.
int thread_count(const ModelOptions& options);

// The precisions to run `graph` at. k_auto: those of the plan that its metadata records; without one
// int8 for the products whose weights are stored so, and float32 for the others. Throws k_malformed for a damaged record.
engine::PrecisionPlan plan_for(const graph::Graph& graph, Precision precision);

// What a session of `graph` is opened with: plan, device, and whether it is run exactly.
engine::SessionOptions session_options(const graph::Graph& graph, const ModelOptions& options);

Precision public_precision(engine::Precision precision);
// k_auto, which only a model can tell, counts as float32.
engine::Precision engine_precision(Precision precision);

}  // namespace hasten::api
