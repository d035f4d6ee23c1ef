#include "api/plan_runner.h"

#include <time.h>

#include <algorithm>
#include <limits>
#include <map>

#include "api/open_classifier.h"
#include "base/error.h"
#include "classifier/text_classifier.h"
#include "engine/cpu/cpu_backend.h"
#include "pipeline/score_pipeline.h"

namespace hasten::api {
namespace {

constexpr std::size_t k_rows_at_once = 2048;
constexpr double k_usual_tokens = 24;  // of a tweet

double process_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

bool knows_bfloat16(const std::string& isa) {
  for (const auto& set : engine::cpu::instruction_sets()) {
    if (isa.empty() ? set.chosen : set.name == isa)
      return set.precisions.find("bf16") != std::string::npos;
  }
  return false;
}

std::unique_ptr<const classifier::TextClassifier> open(const graph::Graph& graph,
                                                       const ModelOptions& options,
                                                       engine::PrecisionPlan plan) {
  classifier::ClassifierOptions opening;
  opening.session = {std::move(plan), {options.device, options.isa}};
  opening.function = options.function;
  opening.max_length = options.max_length;
  return classifier::TextClassifier::open(graph, opening);
}

}  // namespace

PlanRunner::PlanRunner(const graph::Graph& graph, const ModelOptions& options)
    : graph_(graph), options_(options), has_bfloat16_(knows_bfloat16(options.isa)) {
  const auto classifier = open(graph, options, {});
  if (!classifier->session().obstacle().empty()) {
    fail(ErrorCode::k_unsupported, "this graph runs on the generic engine, which has one precision",
         {}, classifier->session().obstacle());
  }
  all_ = classifier->session().products();
  computed_ = classifier->session().computed_products();
  for (const auto& product : all_) products_.push_back(product.name);
}

std::vector<double> PlanRunner::shares() const {
  std::map<std::string, double> flops;
  double sum = 0;
  for (const auto& product : computed_) {
    const double rows = product.rows == engine::Rows::k_tokens ? k_usual_tokens : 1;
    const double own =
        static_cast<double>(product.inputs) * static_cast<double>(product.outputs) * rows;
    flops[product.name] += own;
    sum += own;
  }
  std::vector<double> shares;
  for (const std::string& product : products_) shares.push_back(flops[product] / sum);
  return shares;
}

fidelity::Assignment PlanRunner::uniform(Precision precision) const {
  return fidelity::Assignment(products_.size(), precision);
}

// The commonest precision goes without saying.
engine::PrecisionPlan PlanRunner::plan_of(const fidelity::Assignment& assignment) const {
  std::map<Precision, std::size_t> counts;
  for (const Precision precision : assignment) ++counts[precision];
  const auto commonest =
      std::max_element(counts.begin(), counts.end(), [](const auto& x, const auto& y) {
        return x.second < y.second;
      })->first;
  engine::PrecisionPlan plan(engine_precision(commonest));
  for (std::size_t i = 0; i < assignment.size(); ++i) {
    if (assignment[i] != commonest) plan.products[products_[i]] = engine_precision(assignment[i]);
  }
  return plan;
}

std::string PlanRunner::summary(const fidelity::Assignment& assignment) const {
  std::vector<engine::MatrixProduct> products = all_;
  for (std::size_t i = 0; i < products.size(); ++i)
    products[i].precision = engine_precision(assignment[i]);
  return engine::summary(products);
}

PlanRun PlanRunner::run(const fidelity::Assignment& assignment, std::span<const TextRow> rows,
                        const std::function<void(std::size_t)>& progress) const {
  const auto classifier = open(graph_, options_, plan_of(assignment));
  pipeline::ScorePipeline pipeline(*classifier, {thread_count(options_)});
  PlanRun run;
  run.scores.labels = classifier->labels();
  run.scores.function = classifier->function();
  run.scores.rows = rows.size();
  const std::size_t classes = run.scores.classes();
  run.scores.logits.assign(rows.size() * classes, std::numeric_limits<double>::quiet_NaN());
  const double start = process_seconds();
  for (std::size_t begin = 0; begin < rows.size(); begin += k_rows_at_once) {
    const auto part = rows.subspan(begin, std::min(k_rows_at_once, rows.size() - begin));
    const auto results = pipeline.run(part);
    for (std::size_t i = 0; i < results.size(); ++i) {
      std::copy(results[i].logits.begin(), results[i].logits.end(),
                run.scores.logits.begin() + static_cast<std::ptrdiff_t>((begin + i) * classes));
    }
    if (progress) progress(begin + part.size());
  }
  run.seconds = process_seconds() - start;
  add_probabilities(run.scores);
  return run;
}

}  // namespace hasten::api
