// --precision auto: the plan that a model records, else fp32.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/model_source.h"
#include "api/open_classifier.h"
#include "base/error.h"
#include "graph/model_metadata.h"

namespace hasten::api {
namespace {

using engine::PrecisionPlan;

graph::Graph bundled_model() {
  return build_from_checkpoint(HASTEN_SOURCE_DIR "/examples/tweet-sentiment", {});
}

void record(graph::Graph& graph, const std::string& plan) {
  auto metadata = *graph::read_metadata(graph.metadata);
  metadata.precision_plan = plan;
  graph::write_metadata(metadata, graph.metadata);
}

TEST(AutoPrecision, IsFloat32WithoutARecord) {
  EXPECT_EQ(plan_for(bundled_model(), Precision::k_auto), PrecisionPlan());
}

TEST(AutoPrecision, IsWhatTheModelRecords) {
  graph::Graph graph = bundled_model();
  PrecisionPlan plan(engine::Precision::k_int8);
  plan.products["layer 1 feed-forward output"] = engine::Precision::k_float32;
  record(graph, engine::to_json(plan));
  EXPECT_EQ(plan_for(graph, Precision::k_auto), plan);
  EXPECT_EQ(plan_for(graph, Precision::k_float32), PrecisionPlan());

  const auto session = engine::Session::open(graph, {plan_for(graph, Precision::k_auto), {}});
  for (const engine::MatrixProduct& product : session->products()) {
    EXPECT_EQ(product.precision, plan.of(product.name)) << product.name;
  }
}

TEST(AutoPrecision, RefusesADamagedRecord) {
  graph::Graph graph = bundled_model();
  record(graph, "{");
  EXPECT_THROW(plan_for(graph, Precision::k_auto), Error);
  EXPECT_EQ(plan_for(graph, Precision::k_int8), PrecisionPlan(engine::Precision::k_int8));
}

}  // namespace
}  // namespace hasten::api
