#include "fidelity/search_rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <set>

#include "fidelity/comparison.h"
#include "fidelity/rank_statistics.h"

namespace hasten::fidelity {
namespace {

constexpr double k_near_threshold = 0.05;  // of the texts
constexpr std::size_t k_least_near = 200;

class DecidingRows {
 public:
  explicit DecidingRows(const Scores& reference) : reference_(reference) {}

  // False when the clause is about all rows.
  bool add(const BudgetClause& clause) {
    if (clause.metric == Metric::k_flips && !clause.depth.starts_with("top ")) {
      return for_classes(clause, [&](std::size_t i) { add_near(i, threshold_of(clause)); });
    }
    const bool ranks = clause.metric == Metric::k_spearman || clause.metric == Metric::k_kendall;
    const bool cuts = clause.metric == Metric::k_overlap || clause.metric == Metric::k_flips;
    const std::size_t depth = depth_of(clause);
    if (!(ranks || cuts) || depth == 0) return false;
    return for_classes(clause,
                       [&](std::size_t i) { add_top(i, ranks ? depth : depth + depth / 2); });
  }

  std::vector<std::size_t> rows() const { return {rows_.begin(), rows_.end()}; }

 private:
  template <typename Visit>
  bool for_classes(const BudgetClause& clause, const Visit& visit) {
    for (std::size_t i = 0; i < reference_.classes(); ++i) {
      if (clause.label.empty() || clause.label == reference_.labels[i]) visit(i);
    }
    return true;
  }

  static double threshold_of(const BudgetClause& clause) {
    double threshold = 0.5;
    std::from_chars(clause.depth.data(), clause.depth.data() + clause.depth.size(), threshold);
    return threshold;
  }

  // 0: all rows.
  std::size_t depth_of(const BudgetClause& clause) const {
    std::string name = clause.depth;
    if (name.starts_with("top ")) name = name.substr(4);
    for (const Depth& depth : depths_of(reference_.rows)) {
      if (depth.name == name && depth.count < reference_.rows) return depth.count;
    }
    return 0;
  }

  void add_top(std::size_t class_index, std::size_t count) {
    const auto order = order_of(margins_of(reference_, class_index));
    rows_.insert(order.begin(),
                 order.begin() + static_cast<std::ptrdiff_t>(std::min(count, order.size())));
  }

  void add_near(std::size_t class_index, double threshold) {
    std::vector<double> nearness =
        column_of(reference_.probabilities, reference_.classes(), class_index);
    for (double& value : nearness) value = -std::abs(value - threshold);
    const auto order = order_of(nearness);
    const auto share =
        static_cast<std::size_t>(k_near_threshold * static_cast<double>(order.size()));
    const std::size_t count = std::min(order.size(), std::max(k_least_near, share));
    rows_.insert(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count));
  }

  const Scores& reference_;
  std::set<std::size_t> rows_;
};

}  // namespace

std::vector<std::size_t> rows_that_decide(const std::vector<BudgetClause>& budget,
                                          const Scores& reference) {
  DecidingRows deciding(reference);
  for (const BudgetClause& clause : budget) {
    if (deciding.add(clause)) continue;
    std::vector<std::size_t> all(reference.rows);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
  }
  return deciding.rows();
}

Scores with_rows(const Scores& reference, const std::vector<std::size_t>& rows,
                 const Scores& measured) {
  Scores result = reference;
  const std::size_t classes = reference.classes();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < classes; ++j) {
      result.logits[rows[i] * classes + j] = measured.logits[i * classes + j];
      result.probabilities[rows[i] * classes + j] = measured.probabilities[i * classes + j];
    }
  }
  return result;
}

}  // namespace hasten::fidelity
