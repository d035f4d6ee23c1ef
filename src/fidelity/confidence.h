// How certain a figure of a sample is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <hasten/verify.h>

namespace hasten::fidelity {

// Wilson's interval of 95 % for a share of `count` of `total`; [0, 1] when total is 0.
Interval share_interval(std::uint64_t count, std::uint64_t total);

// The percentile bootstrap's interval of 95 % of Spearman's correlation: `resamples` draws of as
// many pairs with replacement, by a generator with a fixed seed, so that equal data give equal
// intervals. O(n) per draw after one sort. [-1, 1] for fewer than three pairs.
Interval spearman_interval(std::span<const double> a, std::span<const double> b,
                           std::size_t resamples);

// About how many texts would make it certain on which side of `limit` a figure lies that `texts`
// texts put at `value` within `interval`: intervals shrink with the square root of the number. 0
// when it is certain already. Where the figure lies on the limit itself, 100 times as many.
std::uint64_t enough_texts(double value, const Interval& interval, double limit,
                           std::uint64_t texts);

}  // namespace hasten::fidelity
