// Where the tokens of a text stand, read from what computes the indices into a table of positions.
#pragma once

#include <cstdint>
#include <optional>

#include "graph/graph.h"

namespace hasten::graph {

// Token i of a text stands at first + i. With a pad id (RoBERTa), tokens of that id stand at
// first - 1 and are not counted, which for texts without such tokens is the same.
struct TokenPositions {
  std::int64_t first = 0;
  std::optional<std::int64_t> pad_id;
  bool operator==(const TokenPositions&) const = default;
};

// Found by trying `indices` on ids and masks, whatever operators compute them; nothing when they
// are anything else.
std::optional<TokenPositions> find_token_positions(const Graph& graph, ValueId indices);

}  // namespace hasten::graph
