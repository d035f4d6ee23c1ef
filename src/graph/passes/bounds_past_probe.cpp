#include "graph/passes/bounds_past_probe.h"

#include <limits>

#include "graph/passes/match.h"

namespace hasten::graph {
namespace {

// Exporters write "to the end" with the greatest number of 32 or of 64 bits, or one less.
constexpr std::int64_t k_open = std::numeric_limits<std::int32_t>::max() - 1;

bool lies_outside(std::int64_t bound, std::int64_t size) {
  return bound < k_open && bound > -k_open && (bound > size || bound < -size);
}

bool cuts_longer_texts(const Graph& graph, const Node& slice, const ShapeWalk& walk) {
  const auto& dims = walk.dims(slice.inputs[0]);
  const bool is_shape = walk.value(slice.inputs[0]) != nullptr;
  if (!dims || is_shape) return false;
  const auto rank = static_cast<std::int64_t>(dims->size());
  const auto axes = integers_of(graph, slice, "axes", 3);
  constexpr std::string_view k_bounds[] = {"starts", "ends"};
  for (std::size_t index = 0; index < 2; ++index) {
    const auto bounds = integers_of(graph, slice, k_bounds[index], index + 1);
    for (std::size_t i = 0; bounds && i < bounds->size(); ++i) {
      std::int64_t axis = axes && i < axes->size() ? (*axes)[i] : static_cast<std::int64_t>(i);
      if (axis < 0) axis += rank;
      if (axis < 0 || axis >= rank) return false;
      if (lies_outside((*bounds)[i], (*dims)[static_cast<std::size_t>(axis)])) return true;
    }
  }
  return false;
}

}  // namespace

bool has_bounds_past_probe(const Graph& graph, const Node& node, const ShapeWalk& walk) {
  return node.is("Slice") && cuts_longer_texts(graph, node, walk);
}

}  // namespace hasten::graph
