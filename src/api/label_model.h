// The models of a bulk job: opened, hashed, and the columns that they give.
#pragma once

#include <hasten/label.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "classifier/text_classifier.h"
#include "graph/graph.h"

namespace hasten::api {

struct OpenLabelModel {
  std::string name;  // in reports and settings: "score" for one without a name
  std::unique_ptr<const classifier::TextClassifier> classifier;
  std::vector<std::uint32_t> classes;  // whose probabilities are columns
  std::vector<std::string> columns;    // their names
  // What its scores depend on, in words: "model score" -> SHA-256, ...
  std::vector<std::pair<std::string, std::string>> settings;
};

// Throws what open_classifier() throws; k_usage for names that are missing or double, and for the
// positive class of a model that has none.
std::vector<OpenLabelModel> open_label_models(const LabelOptions& options);

// What a score depends on besides the settings: empty when all models give the same bits on every
// processor, as fp32 and int8 do in the engine's own kernels.
std::string arithmetic_of(const std::vector<OpenLabelModel>& models);

// What the user should know of them, such as that one runs on the generic engine.
std::vector<std::string> warnings_of(const std::vector<OpenLabelModel>& models);

// SHA-256 in hex of a model's operators, constants and metadata: the same for the same model in one
// file or with its weights in another.
std::string model_hash(const graph::Graph& graph);

}  // namespace hasten::api
