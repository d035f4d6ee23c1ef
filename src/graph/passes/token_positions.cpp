#include "graph/passes/token_positions.h"

#include <set>

#include "graph/passes/match.h"
#include "graph/passes/region.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_most_nodes = 40;
constexpr std::int64_t k_texts = 2;
constexpr std::int64_t k_length = 5;
constexpr std::int64_t k_common_id = 9;  // of a token that is surely no padding

using Positions = std::vector<std::int64_t>;

// Tries the indices on one batch: `ids` for one of the graph's inputs, ones for the others.
class Trial {
 public:
  Trial(const Graph& graph, ValueId indices)
      : graph_(graph), region_(cut_out(graph, graph.inputs(), indices, k_most_nodes)) {}

  bool possible() const { return region_.has_value(); }

  // Positions of all tokens; empty when they cannot be computed.
  Positions run(std::size_t ids_input, const Positions& ids) const {
    std::vector<Tensor> inputs;
    for (std::size_t index = 0; index < graph_.inputs().size(); ++index) {
      inputs.push_back(make_tensor<std::int64_t>(
          {k_texts, k_length}, index == ids_input ? ids : Positions(ids.size(), 1)));
    }
    const auto result = try_out(*region_, inputs);
    if (!result || is_floating(result->dtype) || result->size() % k_length != 0 ||
        result->dims.empty() || result->dims.back() != k_length) {
      return {};
    }
    Positions positions = to_int64(*result);
    // One row stands for all texts.
    const Positions row = positions;
    while (positions.size() < ids.size()) positions.insert(positions.end(), row.begin(), row.end());
    return positions;
  }

  std::set<std::int64_t> integer_constants() const {
    std::set<std::int64_t> found;
    for (std::size_t index = 0; index < region_->value_count(); ++index) {
      const auto values = constant_integers(*region_, static_cast<ValueId>(index));
      if (values && values->size() == 1) found.insert(values->front());
    }
    return found;
  }

 private:
  const Graph& graph_;
  std::optional<Graph> region_;
};

Positions expected(const TokenPositions& positions, const Positions& ids) {
  Positions out;
  for (std::size_t text = 0; text < ids.size(); text += k_length) {
    std::int64_t next = positions.first;
    for (std::size_t i = text; i < text + k_length; ++i) {
      out.push_back(ids[i] == positions.pad_id ? positions.first - 1 : next++);
    }
  }
  return out;
}

// Ids with padding at the end of one text, and within and before the other.
Positions ids_with(std::int64_t pad) {
  const std::int64_t id = k_common_id;
  return {id, id + 1, id + 2, pad, pad, pad, id, pad, id + 1, id + 2};
}

}  // namespace

std::optional<TokenPositions> find_token_positions(const Graph& graph, ValueId indices) {
  const Trial trial(graph, indices);
  if (!trial.possible() || graph.inputs().empty()) return std::nullopt;
  const Positions plain(k_texts * k_length, k_common_id);
  const Positions counted = trial.run(0, plain);
  if (counted.empty()) return std::nullopt;
  const TokenPositions plainly{counted[0], std::nullopt};
  if (counted != expected(plainly, plain)) return std::nullopt;
  for (std::size_t input = 0; input < graph.inputs().size(); ++input) {
    for (const std::int64_t pad : trial.integer_constants()) {
      const Positions ids = ids_with(pad);
      const Positions positions = trial.run(input, ids);
      if (positions == expected(plainly, ids)) continue;
      const TokenPositions padded{counted[0], pad};
      if (positions != expected(padded, ids)) return std::nullopt;
      return padded;
    }
  }
  return plainly;
}

}  // namespace hasten::graph
