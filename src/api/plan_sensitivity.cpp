#include "api/plan_sensitivity.h"

namespace hasten::api {
namespace {

using fidelity::Assignment;
using fidelity::Move;

constexpr double k_least_share = 0.003;  // of the operations

double error_between(const fidelity::Scores& a, const fidelity::Scores& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.classes(); ++i) {
    const auto left = margins_of(a, i);
    const auto right = margins_of(b, i);
    for (std::size_t row = 0; row < left.size(); ++row)
      sum += (left[row] - right[row]) * (left[row] - right[row]);
  }
  return sum / static_cast<double>(a.rows * a.classes());
}

}  // namespace

std::vector<std::size_t> products_that_count(const PlanRunner& runner) {
  const std::vector<double> shares = runner.shares();
  std::vector<std::size_t> products;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (shares[i] >= k_least_share) products.push_back(i);
  }
  return products;
}

std::vector<Move> measure_sensitivity(const PlanRunner& runner, const PlanSpeeds& speeds,
                                      const Assignment& start, Precision low,
                                      const std::vector<TextRow>& texts,
                                      const VerifyProgress& progress,
                                      const std::function<bool()>& in_time) {
  const std::vector<std::size_t> products = products_that_count(runner);
  const std::vector<double> shares = runner.shares();
  const double saved = speeds.seconds(start) - speeds.seconds(runner.uniform(low));
  const double of_reference = speeds.seconds(runner.uniform(Precision::k_float32));
  const fidelity::Scores before = runner.run(start, texts).scores;
  std::vector<Move> moves;
  for (const std::size_t product : products) {
    if (!in_time()) break;
    if (progress)
      progress("measuring the sensitivity of " + runner.products()[product], moves.size(),
               products.size());
    Assignment changed = start;
    changed[product] = low;
    const double error = error_between(before, runner.run(changed, texts).scores);
    moves.push_back({product, low, error, shares[product] * saved / of_reference});
  }
  return moves;
}

}  // namespace hasten::api
