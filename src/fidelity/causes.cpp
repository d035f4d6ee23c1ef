#include "fidelity/causes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

#include "fidelity/rank_statistics.h"
#include "fidelity/text_traits.h"

namespace hasten::fidelity {
namespace {

constexpr std::size_t k_most_classes =
    64;  // whose orders are searched: the work grows with the square
constexpr std::size_t k_least_rows = 20;   // for saying anything about orders
constexpr double k_least_movement = 1e-4;  // of a margin
constexpr double k_movement_over_noise = 20;
constexpr double k_explained_share = 0.97;  // of the moved texts that have the trait
constexpr double k_moved_share = 0.5;       // of the texts with the trait that moved
constexpr double k_stray_share = 0.03;      // of the texts without it that moved
constexpr std::size_t k_least_texts = 3;    // on either side of a trait

std::vector<std::vector<double>> ranks_of_margins(const Scores& scores) {
  std::vector<std::vector<double>> ranks;
  for (std::size_t i = 0; i < scores.classes(); ++i)
    ranks.push_back(mean_ranks(margins_of(scores, i)));
  return ranks;
}

// Rank correlation of each class of A with each of B; NaN counts as none.
std::vector<std::vector<double>> correlations(const Scores& a, const Scores& b) {
  const auto ranks_a = ranks_of_margins(a);
  const auto ranks_b = ranks_of_margins(b);
  std::vector<std::vector<double>> matrix(a.classes(), std::vector<double>(a.classes()));
  for (std::size_t i = 0; i < a.classes(); ++i) {
    for (std::size_t j = 0; j < a.classes(); ++j) {
      const double value = pearson(ranks_a[i], ranks_b[j]);
      matrix[i][j] = std::isnan(value) ? 0 : value;
    }
  }
  return matrix;
}

// The class of B that each class of A goes with best; nothing when two go with the same.
std::optional<std::vector<std::size_t>> best_permutation(
    const std::vector<std::vector<double>>& matrix) {
  std::vector<std::size_t> best;
  std::vector<char> taken(matrix.size(), 0);
  for (const auto& row : matrix) {
    best.push_back(
        static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin()));
    if (std::exchange(taken[best.back()], 1) != 0) return std::nullopt;
  }
  return best;
}

std::optional<Finding> find_permutation(const Scores& a,
                                        const std::vector<std::vector<double>>& matrix) {
  const auto best = best_permutation(matrix);
  if (!best) return std::nullopt;
  std::string moves;
  double least = 1;
  for (std::size_t i = 0; i < best->size(); ++i) {
    if ((*best)[i] == i) continue;
    least = std::min(least, matrix[i][(*best)[i]] - std::max(0.0, matrix[i][i]));
    moves += fmt::format("{}A's \"{}\" goes with B's \"{}\"", moves.empty() ? "" : ", ",
                         a.labels[i], a.labels[(*best)[i]]);
  }
  if (moves.empty() || least < 0.2) return std::nullopt;
  return Finding{"labels", fmt::format("The classes are in another order: {}.", moves)};
}

std::optional<Finding> find_unrelated(const std::vector<std::vector<double>>& matrix,
                                      std::size_t rows) {
  // Five standard errors of a correlation of nothing with nothing, and little in any case.
  const double chance = std::min(0.5, std::max(0.1, 5 / std::sqrt(static_cast<double>(rows))));
  double largest = 0;
  for (std::size_t i = 0; i < matrix.size(); ++i)
    largest = std::max(largest, std::abs(matrix[i][i]));
  if (largest > chance) return std::nullopt;
  return Finding{"rows",
                 "The two sides' scores have nothing to do with each other: they belong to other "
                 "texts, to the texts in another order, or to another task."};
}

// A's probabilities are what another function makes of B's logits.
std::optional<Finding> find_function(const Scores& a, const Scores& b) {
  if (!a.has_probabilities() || !b.has_logits()) return std::nullopt;
  const auto distance = [&](Function function) {
    Scores candidate = b;
    candidate.function = function;
    candidate.probabilities.clear();
    add_probabilities(candidate);
    double sum = 0;
    for (std::size_t i = 0; i < a.probabilities.size(); ++i)
      sum += std::abs(a.probabilities[i] - candidate.probabilities[i]);
    return sum / static_cast<double>(a.probabilities.size());
  };
  const double own = distance(b.function);
  for (const Function other : {Function::k_softmax, Function::k_sigmoid, Function::k_none}) {
    if (other == b.function || own < 1e-3 || distance(other) * 20 > own) continue;
    return Finding{
        "function",
        fmt::format("A's probabilities are B's logits with {} applied, where B applies {}.",
                    name_of(other), name_of(b.function))};
  }
  return std::nullopt;
}

// The largest change of a margin of each row.
std::vector<double> movements(const Scores& a, const Scores& b) {
  std::vector<double> largest(a.rows, 0);
  const bool logits = a.has_logits() && b.has_logits();
  const auto& left = logits ? a.logits : a.probabilities;
  const auto& right = logits ? b.logits : b.probabilities;
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    double& held = largest[i / a.classes()];
    held = std::max(held, std::abs(left[i] - right[i]));
  }
  return largest;
}

struct Explanation {
  double quality = 0;  // the share of the texts with the trait that moved
  Finding finding;
};

// How well a trait tells the texts that moved from the others; nothing when it does not.
std::optional<double> explains(const std::vector<char>& moved, const std::vector<char>& has_trait) {
  std::size_t moved_count = 0, trait_count = 0, both = 0;
  for (std::size_t i = 0; i < moved.size(); ++i) {
    moved_count += static_cast<std::size_t>(moved[i]);
    trait_count += static_cast<std::size_t>(has_trait[i]);
    both += static_cast<std::size_t>(moved[i] & has_trait[i]);
  }
  const std::size_t others = moved.size() - trait_count;
  if (both < k_least_texts || others < k_least_texts) return std::nullopt;
  const auto share = [](std::size_t part, std::size_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
  };
  if (share(both, moved_count) < k_explained_share) return std::nullopt;
  if (share(moved_count - both, others) > k_stray_share) return std::nullopt;
  const double quality = share(both, trait_count);
  if (quality < k_moved_share) return std::nullopt;
  return quality;
}

std::optional<Explanation> explain_by_length(const std::vector<char>& moved,
                                             std::span<const std::uint32_t> token_counts) {
  std::uint32_t shortest = 0;
  for (std::size_t i = 0; i < moved.size(); ++i) {
    if (moved[i] != 0 && (shortest == 0 || token_counts[i] < shortest)) shortest = token_counts[i];
  }
  if (shortest == 0) return std::nullopt;
  std::vector<char> longer(moved.size());
  for (std::size_t i = 0; i < moved.size(); ++i) longer[i] = token_counts[i] >= shortest ? 1 : 0;
  const auto quality = explains(moved, longer);
  if (!quality) return std::nullopt;
  const auto count = std::count(longer.begin(), longer.end(), 1);
  return Explanation{
      *quality,
      {"length", fmt::format("Only texts of {} tokens and more moved, {:.0f} % of those {}: one "
                             "side cuts them at {} tokens, the other later.",
                             shortest, *quality * 100, count, shortest - 1)}};
}

void explain_by_traits(const std::vector<char>& moved, std::span<const std::string> texts,
                       std::optional<Explanation>& best) {
  for (const TextTrait& trait : text_traits()) {
    std::vector<char> has(moved.size());
    for (std::size_t i = 0; i < moved.size(); ++i) has[i] = trait.holds(texts[i]) ? 1 : 0;
    const auto quality = explains(moved, has);
    if (!quality || (best && best->quality >= *quality)) continue;
    const auto count = std::count(has.begin(), has.end(), 1);
    best =
        Explanation{*quality,
                    {trait.kind, fmt::format("Only texts with {} moved, {:.0f} % of those {}: {}.",
                                             trait.name, *quality * 100, count, trait.meaning)}};
  }
}

std::optional<Finding> find_trait(const Scores& a, const Scores& b, const Evidence& evidence) {
  const std::vector<double> movement = movements(a, b);
  std::vector<double> sorted = movement;
  const double noise = quantile(sorted, 0.02);
  const double threshold = std::max(k_least_movement, k_movement_over_noise * noise);
  std::vector<char> moved(movement.size());
  for (std::size_t i = 0; i < moved.size(); ++i) moved[i] = movement[i] > threshold ? 1 : 0;
  std::optional<Explanation> best;
  if (evidence.token_counts.size() == moved.size())
    best = explain_by_length(moved, evidence.token_counts);
  if (evidence.texts.size() == moved.size()) explain_by_traits(moved, evidence.texts, best);
  if (!best) return std::nullopt;
  return best->finding;
}

}  // namespace

std::vector<Finding> find_causes(const Scores& a, const Scores& b, const Evidence& evidence) {
  std::vector<Finding> findings;
  if (a.rows < k_least_rows) return findings;
  const auto add = [&](std::optional<Finding> finding) {
    if (finding) findings.push_back(std::move(*finding));
  };
  if (a.classes() <= k_most_classes) {
    const auto matrix = correlations(a, b);
    add(find_permutation(a, matrix));
    if (findings.empty()) add(find_unrelated(matrix, a.rows));
  }
  if (findings.empty()) add(find_function(a, b));
  if (findings.empty()) add(find_trait(a, b, evidence));
  return findings;
}

}  // namespace hasten::fidelity
