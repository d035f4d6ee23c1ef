// Rank correlation of paired values, and what it is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hasten::fidelity {

// Indexes of `values` from the highest down; equal values in order of index. NaN counts as the
// lowest.
std::vector<std::uint32_t> order_of(std::span<const double> values);

// Ranks from 1 (the lowest); equal values share the mean of theirs.
std::vector<double> mean_ranks(std::span<const double> values);

// Pearson's correlation; NaN when a side is constant or there are fewer than two values.
double pearson(std::span<const double> a, std::span<const double> b);

// Spearman's: Pearson's of the mean ranks, as scipy.stats.spearmanr.
double spearman(std::span<const double> a, std::span<const double> b);

// Kendall's tau-b, as scipy.stats.kendalltau, by Knight's method in O(n log n).
double kendall(std::span<const double> a, std::span<const double> b);

// The q-quantile with linear interpolation between order statistics, as numpy.quantile. `values` is
// reordered; not empty.
double quantile(std::vector<double>& values, double q);

// How many different values there are.
std::size_t count_distinct(std::vector<float> values);

// The elements of `values` at `indexes`.
std::vector<double> gather(std::span<const double> values, std::span<const std::uint32_t> indexes);

}  // namespace hasten::fidelity
