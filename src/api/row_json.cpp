// Rows of `predict` and `tokenize`.
#include <hasten/json.h>

#include "api/json_object.h"

namespace hasten {
namespace {

using api::JsonObject;

// The fields that every row's object begins with.
JsonObject begin_row(const TextRow& row) {
  JsonObject object;
  if (has_text(row.status)) {
    object.add("text", row.text);
  } else {
    object.add("text", nullptr);
  }
  if (row.text_pair) object.add("text_pair", *row.text_pair);
  return object;
}

std::string end_row(JsonObject& object, const TextRow& row) {
  if (row.status != RowStatus::k_ok) {
    object.add("error", row.problem.empty() ? name_of(row.status) : row.problem);
  }
  return object.str();
}

}  // namespace

std::string to_json(const TextRow& row, const Classification& result,
                    std::span<const std::string> labels) {
  JsonObject object = begin_row(row);
  const bool is_finite = has_finite_scores(result);
  if (result.label_index >= 0 && is_finite) {
    object.add("label", labels[static_cast<std::size_t>(result.label_index)]);
  } else {
    object.add("label", nullptr);
  }
  if (result.label_indexes && !is_finite) {
    object.add("labels", nullptr);
  } else if (result.label_indexes) {
    std::vector<std::string> chosen;
    for (const int index : *result.label_indexes)
      chosen.push_back(labels[static_cast<std::size_t>(index)]);
    object.add("labels", chosen);
  }
  object.add("probabilities", result.probabilities)
      .add("logits", result.logits)
      .add("token_count", result.token_count)
      .add("truncated", result.truncated);
  if (!result.window_logits.empty()) object.add("window_logits", result.window_logits);
  // As in the status column of `label`, this counts more than what is wrong with the text.
  if (!is_finite) return object.add("error", "nonfinite: a score is NaN or infinite").str();
  return end_row(object, row);
}

std::string to_json(const TextRow& row, const Tokens& tokens) {
  JsonObject object = begin_row(row);
  object.add("tokens", tokens.tokens)
      .add("ids", tokens.ids)
      .add("type_ids", tokens.type_ids)
      .add("truncated", tokens.truncated);
  return end_row(object, row);
}

}  // namespace hasten
