#include <hasten/json.h>

#include "api/json_object.h"

namespace hasten {

using api::JsonObject;

std::string to_json(const TuneReport& report) {
  JsonObject products;
  for (const auto& [name, precision] : report.products) products.add(name, name_of(precision));
  std::vector<JsonObject> points, sensitivities, clauses;
  for (const TunePoint& point : report.points) {
    points.push_back(JsonObject()
                         .add("plan", point.name)
                         .add("speed_over_fp32", point.speed)
                         .add("measured", point.figure)
                         .add("holds", point.holds)
                         .add("chosen", point.chosen));
  }
  for (const ProductSensitivity& each : report.sensitivities) {
    sensitivities.push_back(JsonObject()
                                .add("product", each.product)
                                .add("precision", name_of(each.precision))
                                .add("error", each.error)
                                .add("saving", each.saving)
                                .add("chosen", name_of(each.chosen)));
  }
  for (const BudgetResult& clause : report.clauses) {
    JsonObject object;
    object.add("clause", clause.clause)
        .add("label", clause.label)
        .add("measured", clause.measured.value)
        .add("limit", clause.limit)
        .add("holds", clause.holds);
    if (clause.measured.interval)
      object.add("low", clause.measured.interval->low).add("high", clause.measured.interval->high);
    clauses.push_back(object);
  }
  return JsonObject()
      .add("plan", report.plan)
      .add("products", products)
      .add("lowest", name_of(report.lowest))
      .add("budget", report.budget)
      .add("clauses", clauses)
      .add("speed_over_fp32", report.speed_over_fp32)
      .add("speed_over_bf16", report.speed_over_bf16)
      .add("int8_over_bf16", report.int8_over_bf16)
      .add("points", points)
      .add("sensitivities", sensitivities)
      .add("texts", report.texts)
      .add("notes", report.notes)
      .add("seconds", report.seconds)
      .str();
}

}  // namespace hasten
