// Weights with their columns in another order, or side by side.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "engine/program.h"

namespace hasten::engine {

// The weight with those of its columns, in that order; scales go with them.
Weight choose_columns(const Weight& weight, std::span<const std::int64_t> columns);

// A vector, such as a bias, likewise.
Tensor choose_elements(const Tensor& vector, std::span<const std::int64_t> elements);

// One vector of float32 and then another.
Tensor join_elements(const Tensor& left, const Tensor& right);

// The columns of one weight and then those of the other, which has as many rows; nothing where they are stored in
// different ways.
std::optional<Weight> join_columns(const Weight& left, const Weight& right);

}  // namespace hasten::engine
