// What a page of `verify` draws of one class.
#pragma once

#include <string>
#include <vector>

#include <hasten/verify.h>

namespace hasten::fidelity {

// A card of HTML each: every text by A against B, the ranks of the top texts, how far scores move, and,
// of a class with probabilities, the decisions that flip at each threshold.
std::vector<std::string> plots_of(const ClassAgreement& agreement);

}  // namespace hasten::fidelity
