// What each value of a graph depends on.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.h"

namespace hasten::engine {

// Constants (Cast and DequantizeLinear of weights) are read through where they are used and need no
// instruction. What is made of shapes and of the mask, which in a ragged batch is all ones, depends
// on a text's length alone.
enum class Source : std::uint8_t { k_constants, k_lengths, k_inputs };

class Sources {
 public:
  explicit Sources(const graph::Graph& graph);
  Source of(const graph::Node& node) const;
  Source of(graph::ValueId value) const { return of_value_[static_cast<std::size_t>(value)]; }

 private:
  std::vector<Source> of_value_;
};

}  // namespace hasten::engine
