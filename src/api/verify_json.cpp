#include <hasten/json.h>

#include <cmath>

#include "api/json_object.h"

namespace hasten {
namespace {

using api::JsonObject;

void add_number(JsonObject& object, const char* key, double value) {
  std::isfinite(value) ? object.add(key, value) : object.add(key, nullptr);
}

JsonObject object_of(const Estimate& estimate) {
  JsonObject object;
  add_number(object, "value", estimate.value);
  if (estimate.interval)
    object.add("low", estimate.interval->low).add("high", estimate.interval->high);
  return object;
}

JsonObject object_of(const Differences& differences) {
  return JsonObject()
      .add("largest", differences.largest)
      .add("mean", differences.mean)
      .add("quantile_999", differences.quantile_999);
}

JsonObject object_of(const SideSummary& side) {
  return JsonObject()
      .add("name", side.name)
      .add("description", side.description)
      .add("seconds", side.seconds)
      .add("texts_per_second", side.texts_per_second)
      .add("peak_memory", side.peak_memory)
      .add("truncated", side.truncated);
}

JsonObject object_of(const TopAgreement& top) {
  JsonObject object;
  object.add("top", top.name).add("texts", top.count).add("spearman", object_of(top.spearman));
  add_number(object, "kendall", top.kendall);
  object.add("overlap", object_of(top.overlap));
  return object;
}

JsonObject object_of(const Flips& flips) {
  return JsonObject()
      .add("at", flips.name)
      .add("threshold_a", flips.threshold)
      .add("threshold_b", flips.threshold_b)
      .add("up", flips.up)
      .add("down", flips.down)
      .add("share", object_of(flips.share));
}

JsonObject object_of(const ClassAgreement& agreement) {
  std::vector<JsonObject> top, flips;
  for (const TopAgreement& each : agreement.top) top.push_back(object_of(each));
  for (const Flips& each : agreement.flips) flips.push_back(object_of(each));
  JsonObject object;
  object.add("label", agreement.label);
  if (agreement.logits) object.add("logit_differences", object_of(*agreement.logits));
  if (agreement.probabilities)
    object.add("probability_differences", object_of(*agreement.probabilities));
  return object.add("top", top)
      .add("flips", flips)
      .add("distinct_a", agreement.distinct_a)
      .add("distinct_b", agreement.distinct_b);
}

JsonObject object_of(const BudgetResult& clause) {
  return JsonObject()
      .add("clause", clause.clause)
      .add("label", clause.label)
      .add("measured", object_of(clause.measured))
      .add("limit", clause.limit)
      .add("holds", clause.holds)
      .add("certain", clause.certain)
      .add("enough_texts", clause.enough_texts);
}

JsonObject object_of(const MovedText& moved, const VerifyReport& report, bool with_texts) {
  JsonObject object;
  object.add("row", moved.row);
  if (const auto* number = std::get_if<std::int64_t>(&moved.id)) object.add("id", *number);
  if (const auto* text = std::get_if<std::string>(&moved.id)) object.add("id", *text);
  object.add("label", report.classes[moved.class_index].label)
      .add("a", moved.score_a)
      .add("b", moved.score_b);
  if (with_texts) object.add("text", moved.text);
  return object;
}

}  // namespace

std::string to_json(const VerifyReport& report, bool with_texts) {
  std::vector<JsonObject> clauses, findings, classes, moved;
  for (const BudgetResult& each : report.clauses) clauses.push_back(object_of(each));
  for (const Finding& each : report.findings) {
    findings.push_back(JsonObject().add("kind", each.kind).add("message", each.message));
  }
  for (const ClassAgreement& each : report.classes) classes.push_back(object_of(each));
  for (const MovedText& each : report.moved) moved.push_back(object_of(each, report, with_texts));
  return JsonObject()
      .add("passed", report.passed)
      .add("budget", report.budget)
      .add("clauses", clauses)
      .add("findings", findings)
      .add("notes", report.notes)
      .add("a", object_of(report.a))
      .add("b", object_of(report.b))
      .add("rows", report.rows)
      .add("compared", report.compared)
      .add("argmax_agreement", object_of(report.argmax_agreement))
      .add("classes", classes)
      .add("moved", moved)
      .add("seconds", report.seconds)
      .str();
}

}  // namespace hasten
