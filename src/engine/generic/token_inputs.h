// The inputs of a classifier's graph, made of one text.
#pragma once

#include <cstdint>
#include <span>

#include "engine/generic/step_runner.h"
#include "graph/fixed_sizes.h"

namespace hasten::engine::generic {

// A row for each text that the graph takes at a time, all of them `values`, with zeros up to its length.
template <typename Integer>
std::vector<Integer> as_rows(std::span<const std::int32_t> values, const graph::FixedSizes& sizes);
// [texts, length] of these rows.
Dims row_dims(std::size_t length, const graph::FixedSizes& sizes);

// Throws k_usage where the graph declares an input that [texts, length] does not fit.
void check_inputs(const graph::Graph& graph, const graph::FixedSizes& sizes, std::size_t length);

// The mask of ones and the positions of a text of `length`, where the graph takes them.
void set_length_inputs(const graph::Graph& graph, const graph::FixedSizes& sizes,
                       std::size_t length, ArraySlots& slots);
// The token ids and types.
void set_text_inputs(const graph::Graph& graph, const graph::FixedSizes& sizes,
                     std::span<const std::int32_t> token_ids,
                     std::span<const std::int32_t> type_ids, std::size_t text, ArraySlots& slots);

}  // namespace hasten::engine::generic
