// Runs a model at any precisions, for those who choose them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <hasten/options.h>
#include <hasten/texts.h>

#include "engine/precision_plan.h"
#include "fidelity/scores.h"
#include "fidelity/tuning.h"
#include "graph/graph.h"

namespace hasten::api {

struct PlanRun {
  fidelity::Scores scores;  // logits and probabilities
  double seconds = 0;       // of processor time of all threads
};

class PlanRunner {
 public:
  // Opens the model in float32 once, for its products. Throws k_unsupported on the generic engine.
  PlanRunner(const graph::Graph& graph, const ModelOptions& options);

  // One name per product, unique, in the order in which they run.
  const std::vector<std::string>& products() const { return products_; }
  // The share of each product in the operations of a text of usual length.
  std::vector<double> shares() const;
  bool has_bfloat16() const { return has_bfloat16_; }

  fidelity::Assignment uniform(Precision precision) const;
  engine::PrecisionPlan plan_of(const fidelity::Assignment& assignment) const;
  // "int8, 3 of 26 products bf16"
  std::string summary(const fidelity::Assignment& assignment) const;

  // Rows without a text have NaN scores. `progress` hears how many rows are done.
  PlanRun run(const fidelity::Assignment& assignment, std::span<const TextRow> rows,
              const std::function<void(std::size_t)>& progress = {}) const;

 private:
  const graph::Graph& graph_;
  ModelOptions options_;
  std::vector<engine::MatrixProduct> all_, computed_;
  std::vector<std::string> products_;
  bool has_bfloat16_ = false;
};

}  // namespace hasten::api
