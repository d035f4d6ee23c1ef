#include "api/plan_report.h"

namespace hasten::api {

using fidelity::Assignment;

void describe_plans(const PlanRunner& runner, PlanMeasurements& measurements,
                    const PlanSpeeds& speeds, const Assignment& best, TuneReport& report) {
  report.texts = measurements.texts();
  const double of_reference = speeds.seconds(runner.uniform(Precision::k_float32));
  const double of_best = speeds.seconds(best);
  for (const Assignment& plan : measurements.measured()) {
    const PlanFidelity& measured = measurements.on_deciding_texts(plan);
    report.points.push_back({runner.summary(plan), of_reference / speeds.seconds(plan),
                             measured.figure, measured.holds, plan == best});
  }
  report.plan = runner.summary(best);
  for (std::size_t i = 0; i < best.size(); ++i) {
    report.products.emplace_back(runner.products()[i], best[i]);
    for (ProductSensitivity& each : report.sensitivities) {
      if (each.product == runner.products()[i]) each.chosen = best[i];
    }
  }
  report.speed_over_fp32 = of_reference / of_best;
  if (runner.has_bfloat16()) {
    const double of_bfloat16 = speeds.seconds(runner.uniform(Precision::k_bfloat16));
    report.speed_over_bf16 = of_bfloat16 / of_best;
    report.int8_over_bf16 = of_bfloat16 / speeds.seconds(runner.uniform(Precision::k_int8));
  }
  if (!fidelity::all_hold(report.clauses))
    report.notes.push_back("Not even fp32 holds the budget.");
}

}  // namespace hasten::api
