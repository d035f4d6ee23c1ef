#include "api/plan_speeds.h"

#include <algorithm>

namespace hasten::api {

using fidelity::Assignment;

void PlanSpeeds::time(const std::vector<Assignment>& plans) {
  for (const Assignment& plan : plans) {
    const double seconds = runner_.run(plan, texts_).seconds;
    const auto [place, is_new] = least_.try_emplace(plan, seconds);
    if (!is_new) place->second = std::min(place->second, seconds);
  }
}

double PlanSpeeds::seconds(const Assignment& plan) const {
  const auto timed = least_.find(plan);
  if (timed != least_.end()) return timed->second;
  const std::vector<double> shares = runner_.shares();
  double seconds = 0;
  for (std::size_t i = 0; i < plan.size(); ++i)
    seconds += shares[i] * least_.at(runner_.uniform(plan[i]));
  return seconds;
}

}  // namespace hasten::api
