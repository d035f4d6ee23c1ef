#include "graph/passes/attention_mask.h"

#include <cmath>

#include "graph/passes/attention_layout.h"
#include "graph/passes/region.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_most_nodes = 100;
constexpr double k_weakest_filter = -100;  // e^-100 of the weight is left to what is masked out

// Padding on both sides and a hole.
constexpr std::int64_t k_pattern[k_probe_batch][k_probe_length] = {{1, 1, 0, 1, 0},
                                                                   {0, 1, 1, 1, 1}};

Tensor probe_input(bool patterned) {
  std::vector<std::int64_t> elements;
  for (const auto& row : k_pattern) {
    for (const std::int64_t kept : row) elements.push_back(patterned ? kept : 1);
  }
  return make_tensor<std::int64_t>({k_probe_batch, k_probe_length}, std::move(elements));
}

// The filter value when `result` is 0 for tokens of the pattern and that value for the others.
std::optional<double> read_filter(const Tensor& result) {
  const Dims& dims = result.dims;
  if (!is_floating(result.dtype) || dims.size() != 4 || dims[1] != 1 || dims[3] != k_probe_length ||
      (dims[0] != k_probe_batch) || (dims[2] != 1 && dims[2] != k_probe_length)) {
    return std::nullopt;
  }
  const std::vector<double> values = to_float64(result);
  std::optional<double> filter;
  std::size_t next = 0;
  for (const auto& row : k_pattern) {
    for (std::int64_t query = 0; query < dims[2]; ++query) {
      for (const std::int64_t kept : row) {
        const double value = values[next++];
        if (kept != 0) {
          if (value != 0) return std::nullopt;
          continue;
        }
        if (!filter) filter = value;
        if (value != *filter || !(value <= k_weakest_filter)) return std::nullopt;
      }
    }
  }
  return filter;
}

}  // namespace

std::optional<MaskSource> find_mask_source(const Graph& graph, ValueId additive) {
  const auto region = cut_out(graph, graph.inputs(), additive, k_most_nodes);
  if (!region) return std::nullopt;
  for (const ValueId candidate : graph.inputs()) {
    std::vector<Tensor> inputs;
    for (const ValueId input : graph.inputs()) {
      inputs.push_back(probe_input(input == candidate));
    }
    const auto result = try_out(*region, inputs);
    if (!result) continue;
    if (const auto filter = read_filter(*result)) return MaskSource{candidate, *filter};
  }
  return std::nullopt;
}

}  // namespace hasten::graph
