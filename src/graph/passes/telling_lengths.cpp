#include "graph/passes/telling_lengths.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/tensor.h"
#include "graph/passes/match.h"

namespace hasten::graph {
namespace {

constexpr std::int64_t k_most_elements = 8;
constexpr double k_widest = 2048;

std::vector<double> numbers_of(const Tensor& tensor) {
  if (tensor.size() > k_most_elements) return {};
  if (is_floating(tensor.dtype)) return to_float64(tensor);
  if (tensor.dtype == DType::k_bool) return {};
  const std::vector<std::int64_t> integers = to_int64(tensor);
  return {integers.begin(), integers.end()};
}

}  // namespace

std::vector<std::int64_t> telling_lengths(const Graph& graph, ValueId value, std::int64_t tried) {
  std::set<std::int64_t> lengths;
  std::set<ValueId> seen = {value};
  std::vector<ValueId> open = {value};
  while (!open.empty()) {
    const ValueId next = open.back();
    open.pop_back();
    if (graph.is_constant(next)) {
      for (const double number : numbers_of(*graph.value(next).constant)) {
        const double distance = std::ceil(std::abs(number));
        if (!(distance <= k_widest)) continue;
        // Two tokens of the text are then further apart than the number says.
        const std::int64_t length = static_cast<std::int64_t>(distance) + 2;
        if (length > tried) lengths.insert(length);
      }
    }
    const Node* node = find_producer(graph, next);
    if (node == nullptr) continue;
    for (const ValueId input : node->inputs) {
      if (input != k_no_value && seen.insert(input).second) open.push_back(input);
    }
  }
  return {lengths.begin(), lengths.end()};
}

}  // namespace hasten::graph
