#include "api/check_lengths.h"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <set>
#include <string_view>

#include "api/model_source.h"
#include "graph/fixed_sizes.h"
#include "graph/model_metadata.h"
#include "graph/passes/telling_lengths.h"

namespace hasten::api {
namespace {

// Weights times tokens: some seconds for each pass.
constexpr std::int64_t k_most_work = 20'000'000'000;

// Whether a number in its inputs may be the distance from which on tokens are treated otherwise.
bool bounds_distances(const graph::Node& node) {
  static constexpr std::array<std::string_view, 8> k_kinds = {
      "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Clip", "Min", "Max", "Trilu"};
  return node.domain == graph::k_onnx_domain &&
         std::find(k_kinds.begin(), k_kinds.end(), node.op_type) != k_kinds.end();
}

std::int64_t longest_length(const graph::Graph& graph) {
  std::int64_t longest = std::numeric_limits<std::int64_t>::max();
  if (const auto metadata = graph::read_metadata(graph.metadata); metadata) {
    if (metadata->max_length > 0) longest = metadata->max_length;
  }
  const auto parameters = static_cast<std::int64_t>(count_weights(graph).parameters);
  return std::min(longest, k_most_work / std::max<std::int64_t>(parameters, 1));
}

}  // namespace

std::vector<std::int64_t> check_lengths(const graph::Graph& graph, std::int64_t tried) {
  if (graph::fixed_sizes(graph).length > 0) return {};
  const std::int64_t longest = longest_length(graph);
  std::set<std::int64_t, std::greater<>> lengths;
  for (const graph::NodeId id : graph.order()) {
    const graph::Node& node = graph.node(id);
    if (!bounds_distances(node)) continue;
    for (const std::int64_t length : graph::telling_lengths(graph, node.outputs[0], tried)) {
      if (length <= longest) lengths.insert(length);
    }
  }
  return {lengths.begin(), lengths.end()};
}

}  // namespace hasten::api
