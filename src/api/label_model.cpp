#include "api/label_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "api/model_source.h"
#include "api/open_classifier.h"
#include "base/cpu_features.h"
#include "base/error.h"
#include "base/sha256.h"
#include "graph/dump.h"

namespace hasten::api {
namespace {

constexpr const char* k_unnamed = "score";

void check_names(const LabelOptions& options) {
  if (options.models.empty()) fail(ErrorCode::k_usage, "no model is given");
  std::set<std::string> names;
  for (const LabelModel& model : options.models) {
    if (options.models.size() > 1 && model.name.empty()) {
      fail(ErrorCode::k_usage, "one of several models has no name", model.path, {},
           "Give each as NAME=PATH: the name is that of its column.");
    }
    if (names.insert(model.name).second) continue;
    fail(ErrorCode::k_usage, fmt::format("two models are named \"{}\"", model.name), model.path);
  }
}

void choose_columns(OpenLabelModel& model, ScoreColumns wanted, bool is_named) {
  const std::vector<std::string>& labels = model.classifier->labels();
  if (wanted == ScoreColumns::k_positive && labels.size() > 2) {
    fail(ErrorCode::k_usage,
         fmt::format("the model {} has {} labels, of which none is the positive one", model.name,
                     labels.size()),
         {}, {}, "Use --scores all.");
  }
  if (wanted == ScoreColumns::k_all || labels.size() > 2) {
    for (std::uint32_t i = 0; i < labels.size(); ++i) {
      model.classes.push_back(i);
      model.columns.push_back((is_named ? model.name : k_unnamed) + ("_" + labels[i]));
    }
  } else {
    model.classes = {static_cast<std::uint32_t>(labels.size() - 1)};
    model.columns = {model.name};
  }
}

OpenLabelModel open_model(const LabelModel& source, const LabelOptions& options) {
  const ModelOptions& model_options = options.model_options;
  const graph::Graph graph =
      load_model(source.path, model_options.function, model_options.tokenizer);
  classifier::ClassifierOptions opening;
  opening.session = session_options(graph, model_options);
  opening.function = model_options.function;
  opening.max_length = model_options.max_length;
  OpenLabelModel model;
  model.name = source.name.empty() ? k_unnamed : source.name;
  model.classifier = classifier::TextClassifier::open(graph, opening);
  choose_columns(model, options.score_columns, !source.name.empty());
  const auto add = [&](const char* what, std::string value) {
    model.settings.emplace_back(fmt::format("{} of {}", what, model.name), std::move(value));
  };
  add("model", model_hash(graph));
  add("tokens", model.classifier->encoding_hash());
  add("precision", opening.session.exact                 ? "exact"
                   : opening.session.precision.as_stored ? "as stored"
                   : opening.session.precision.products.empty()
                       ? std::string(engine::name_of(opening.session.precision.everywhere))
                       : engine::to_json(opening.session.precision));
  add("function", name_of(model.classifier->function()));
  add("max length", std::to_string(model.classifier->max_length()));
  return model;
}

bool is_same_everywhere(const engine::Session& session) {
  const auto& products = session.computed_products();
  return session.obstacle().empty() && session.gpus().empty() &&
         std::all_of(products.begin(), products.end(), [](const engine::MatrixProduct& product) {
           return product.precision == engine::Precision::k_float32 ||
                  product.precision == engine::Precision::k_int8 ||
                  product.precision == engine::Precision::k_int8_plain;
         });
}

}  // namespace

std::string model_hash(const graph::Graph& graph) {
  Sha256 hash;
  hash.update(graph::dump(graph));
  for (const auto& [key, value] : graph.metadata) {
    hash.update(fmt::format("{}:{}:", key, value.size()));
    hash.update(value);
  }
  for (std::size_t i = 0; i < graph.value_count(); ++i) {
    const graph::Value& value = graph.value(static_cast<graph::ValueId>(i));
    if (!value.constant) continue;
    hash.update(fmt::format("{}:{}:", value.name, value.constant->bytes.size()));
    hash.update(value.constant->bytes);
  }
  return hex_of(hash.finish());
}

std::string arithmetic_of(const std::vector<OpenLabelModel>& models) {
  std::string arithmetic;
  for (const OpenLabelModel& model : models) {
    const engine::Session& session = model.classifier->session();
    if (!is_same_everywhere(session))
      arithmetic += model.name + ": " + session.description() + "\n";
  }
  return arithmetic.empty() ? arithmetic : arithmetic + detect_cpu_features().model;
}

std::vector<std::string> warnings_of(const std::vector<OpenLabelModel>& models) {
  std::vector<std::string> warnings;
  for (const OpenLabelModel& model : models) {
    const engine::Session& session = model.classifier->session();
    for (const std::string& note : session.notes()) {
      if (std::ranges::find(warnings, note) == warnings.end()) warnings.push_back(note);
    }
    const std::string& obstacle = session.obstacle();
    if (obstacle.empty()) continue;
    warnings.push_back(fmt::format("The model {} runs on the generic engine, in float32 alone: {}.",
                                   model.name, obstacle));
  }
  return warnings;
}

std::vector<OpenLabelModel> open_label_models(const LabelOptions& options) {
  check_names(options);
  std::vector<OpenLabelModel> models;
  for (const LabelModel& source : options.models) models.push_back(open_model(source, options));
  return models;
}

}  // namespace hasten::api
