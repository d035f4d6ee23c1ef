// What a difference between two sides' scores is, as far as the scores and the texts tell.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <hasten/verify.h>

#include "fidelity/scores.h"

namespace hasten::fidelity {

// What is known of the compared rows beside their scores; either may be empty.
struct Evidence {
  std::span<const std::string> texts;
  std::span<const std::uint32_t> token_counts;  // not cut
};

// Names what shows: classes in another order, scores of other texts, another function applied, and
// texts that moved having something in common that the others do not have: upper-case letters, more
// tokens than some length, letters beyond ASCII, ... Empty when the sides agree, or when they
// differ all over.
std::vector<Finding> find_causes(const Scores& a, const Scores& b, const Evidence& evidence);

}  // namespace hasten::fidelity
