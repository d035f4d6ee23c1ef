// What the values of a graph follow from: nothing but constants, the length of a text, or the text.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.h"

namespace hasten::engine::generic {

enum class Dependence : std::uint8_t {
  k_constant,
  k_length,  // masks, positions and what is made of them: the same for all texts of one length
  k_text,
};

// By value, for graphs that are run one text at a time: of the inputs, attention_mask and position_ids follow from
// the length alone.
std::vector<Dependence> dependences_of(const graph::Graph& graph);

}  // namespace hasten::engine::generic
