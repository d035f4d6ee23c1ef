// From public options to a classifier and a pipeline.
#pragma once

#include <filesystem>
#include <memory>

#include <hasten/options.h>

#include "classifier/text_classifier.h"

namespace hasten::api {

std::unique_ptr<const classifier::TextClassifier> open_classifier(const std::filesystem::path& model,
                                                                  const ModelOptions& options);

// The number of threads that the options ask for; throws k_usage for a negative one.
int thread_count(const ModelOptions& options);

// What k_auto stands for: the fastest that the model's recorded fidelity allows, and without a record
// float32.
Precision resolve_precision(Precision precision);

engine::Precision engine_precision(Precision precision);

}  // namespace hasten::api
