// Products of query or key with vectors that stand for distances: disentangled attention's
// projected embeddings and BERT's relative keys.
#include <algorithm>
#include <set>

#include "engine/lower_weights.h"
#include "engine/lowering.h"
#include "graph/passes/attention_layout.h"
#include "graph/passes/match.h"
#include "graph/passes/region.h"

namespace hasten::engine {
namespace {

using graph::Node;
using graph::ValueId;

constexpr std::size_t k_most_nodes = 60;

// Where elements of a constant lie in what Reshape and Transpose make of it. Axes of size 1 are
// left out.
struct Axis {
  std::int64_t size, stride;
  bool operator==(const Axis&) const = default;
};

void drop_ones(std::vector<Axis>& axes) {
  std::erase_if(axes, [](const Axis& axis) { return axis.size == 1; });
}

std::vector<Axis> axes_of(const Dims& dims) {
  std::vector<Axis> axes;
  std::int64_t stride = 1;
  for (auto size = dims.rbegin(); size != dims.rend(); stride *= *size++)
    axes.push_back({*size, stride});
  std::reverse(axes.begin(), axes.end());
  return axes;
}

// Splits axes into those of `dims`; false where axes would have to be joined.
bool split_axes(std::vector<Axis>& axes, const Dims& dims) {
  drop_ones(axes);
  std::vector<Axis> split;
  auto axis = axes.rbegin();
  for (auto size = dims.rbegin(); size != dims.rend(); ++size) {
    if (*size == 1) continue;
    if (axis == axes.rend() || axis->size % *size != 0) return false;
    split.push_back({*size, axis->stride});
    axis->stride *= *size;
    axis->size /= *size;
    if (axis->size == 1) ++axis;
  }
  if (axis != axes.rend()) return false;
  std::reverse(split.begin(), split.end());
  axes = std::move(split);
  return true;
}

// A constant before it is laid out, and where its elements have gone.
struct LaidOut {
  ValueId base;
  std::vector<Axis> axes;  // of [1, heads, head_size, rows], without those of size 1
  double scale = 1;
};

bool is_layout(const Node& node) {
  return node.is("Reshape") || node.is("Transpose") || node.is("Unsqueeze") || node.is("Squeeze") ||
         node.is("Identity");
}

// The dimensions after a Reshape, Unsqueeze, Squeeze or Identity.
std::optional<Dims> dims_after(Lowering& lowering, const Node& node, Dims dims) {
  if (node.is("Identity")) return dims;
  if (node.is("Reshape")) {
    const Tensor* target = lowering.lengths().walk(1).value(node.inputs[1]);
    if (target == nullptr || is_floating(target->dtype)) return std::nullopt;
    return graph::reshaped_dims(to_int64(*target), dims);
  }
  const auto axes = graph::integers_of(lowering.graph(), node, "axes", 1);
  if (!axes) return std::nullopt;
  const auto rank =
      static_cast<std::int64_t>(dims.size() + (node.is("Unsqueeze") ? axes->size() : 0));
  std::set<std::int64_t> places;
  for (const std::int64_t axis : *axes) places.insert(axis < 0 ? axis + rank : axis);
  if (*places.begin() < 0 || *places.rbegin() >= rank) return std::nullopt;
  if (node.is("Unsqueeze")) {
    for (const std::int64_t place : places) dims.insert(dims.begin() + place, 1);
    return dims;
  }
  for (auto place = places.rbegin(); place != places.rend(); ++place) {
    if (dims[static_cast<std::size_t>(*place)] != 1) return std::nullopt;
    dims.erase(dims.begin() + *place);
  }
  return dims;
}

// Follows a Transpose; false when it does not fit.
bool move_axes(const Node& node, std::vector<Axis>& axes) {
  const auto permutation = node.integers("perm", {});
  if (permutation.size() != axes.size()) return false;
  std::vector<Axis> moved;
  for (const std::int64_t from : permutation) {
    if (from < 0 || from >= static_cast<std::int64_t>(axes.size())) return false;
    moved.push_back(axes[static_cast<std::size_t>(from)]);
  }
  axes = std::move(moved);
  return true;
}

bool follow_layout(Lowering& lowering, const Node& node, std::vector<Axis>& axes) {
  if (node.is("Transpose")) return move_axes(node, axes);
  Dims before;
  for (const Axis& axis : axes) before.push_back(axis.size);
  const auto after = dims_after(lowering, node, std::move(before));
  if (!after || !split_axes(axes, *after)) return false;
  // Axes of size 1 again, so that a Transpose finds its numbers.
  std::vector<Axis> whole;
  auto next = axes.begin();
  for (const std::int64_t size : *after) whole.push_back(size == 1 ? Axis{1, 0} : *next++);
  axes = std::move(whole);
  return true;
}

// What a node multiplies its first input by, where it does nothing else.
std::optional<double> factor_of(Lowering& lowering, const Node& node) {
  if (!node.is("Mul") && !node.is("Div")) return std::nullopt;
  const auto number = lowering.lengths().number(node.inputs[1]);
  const auto& dims = lowering.lengths().walk(1).dims(node.inputs[0]);
  const auto& result = lowering.lengths().walk(1).dims(node.outputs[0]);
  if (!number || *number == 0 || !dims || dims != result) return std::nullopt;
  return node.is("Div") ? 1 / *number : *number;
}

std::optional<LaidOut> find_base(Lowering& lowering, ValueId value) {
  const graph::Graph& graph = lowering.graph();
  std::vector<const Node*> layouts;
  const Node* node = graph::find_producer(graph, value);
  double scale = 1;
  while (node != nullptr) {
    const auto factor = factor_of(lowering, *node);
    if (!factor && !is_layout(*node)) break;
    if (factor) scale *= *factor;
    if (!factor) layouts.push_back(node);
    value = node->inputs[0];
    node = graph::find_producer(graph, value);
  }
  const auto& dims = graph.is_constant(value) ? std::optional(graph.value(value).constant->dims)
                                              : lowering.lengths().walk(1).dims(value);
  if (!dims) return std::nullopt;
  std::vector<Axis> axes = axes_of(*dims);
  for (auto layout = layouts.rbegin(); layout != layouts.rend(); ++layout) {
    if (!follow_layout(lowering, **layout, axes)) return std::nullopt;
  }
  drop_ones(axes);
  return LaidOut{value, std::move(axes), scale};
}

// What is computed from constants alone, as rows of the width of its last axis; computed once.
std::optional<Tensor> constant_rows(Lowering& lowering, ValueId value) {
  const auto [held, is_new] = lowering.tables.try_emplace(value);
  if (!is_new) return held->second;
  const auto region = graph::cut_out(lowering.graph(), {}, value, k_most_nodes);
  const auto result = region ? graph::try_out(*region, {}) : std::nullopt;
  if (!result || result->dims.empty() || !is_floating(result->dtype)) {
    lowering.tables.erase(held);
    return std::nullopt;
  }
  const std::int64_t width = result->dims.back();
  held->second = make_tensor<float>({result->size() / width, width}, to_float32(*result));
  return held->second;
}

// MatMul(constant, weight) [+ bias], left to be computed where matrix products are quick.
std::optional<DistanceVectors> find_projection(Lowering& lowering, ValueId value) {
  const graph::Graph& graph = lowering.graph();
  DistanceVectors vectors;
  const Node* node = graph::find_producer(graph, value);
  if (node != nullptr && node->is("Add")) {
    for (const std::size_t bias : {std::size_t{1}, std::size_t{0}}) {
      vectors.bias = find_vector(graph, node->inputs[bias]);
      if (!vectors.bias) continue;
      vectors.bias->dims = {vectors.bias->size()};
      node = graph::find_producer(graph, node->inputs[1 - bias]);
      break;
    }
  }
  if (node == nullptr || !node->is("MatMul")) return std::nullopt;
  vectors.weight = find_weight(graph, node->inputs[1]);
  const auto rows = constant_rows(lowering, node->inputs[0]);
  if (!vectors.weight || !rows || rows->dims[1] != vectors.weight->inputs()) return std::nullopt;
  vectors.rows = *rows;
  return vectors;
}

// The constant [1, heads, head_size, rows] as vectors as wide as all heads.
DistanceVectors find_vectors(Lowering& lowering, ValueId value, const Heads& heads) {
  const auto found = find_base(lowering, value);
  expect(found.has_value(), "vectors of distances that are made of constants");
  if (auto projected = find_projection(lowering, found->base)) {
    std::vector<Axis> expected = {{heads.heads, heads.head_size},
                                  {heads.head_size, 1},
                                  {projected->rows.dims[0], heads.width()}};
    drop_ones(expected);
    expect(projected->weight->outputs() == heads.width() && found->axes == expected,
           "vectors of distances, split as the heads are");
    projected->scale *= static_cast<float>(found->scale);
    return std::move(*projected);
  }
  const auto base = constant_rows(lowering, found->base);
  expect(base && base->size() % heads.width() == 0,
         "vectors of distances that are made of constants");
  const std::int64_t rows = base->size() / heads.width();
  std::vector<Axis> axes;
  auto next = found->axes.begin();
  for (const std::int64_t size : {heads.heads, heads.head_size, rows}) {
    expect(size == 1 || (next != found->axes.end() && next->size == size),
           "vectors of distances by head");
    axes.push_back(size == 1 ? Axis{1, 0} : *next++);
  }
  const std::span<const float> from = values_of<float>(*base);
  std::vector<float> values;
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t head = 0; head < heads.heads; ++head) {
      for (std::int64_t i = 0; i < heads.head_size; ++i) {
        values.push_back(from[static_cast<std::size_t>(
            row * axes[2].stride + head * axes[0].stride + i * axes[1].stride)]);
      }
    }
  }
  DistanceVectors vectors;
  vectors.rows = make_tensor<float>({rows, heads.width()}, std::move(values));
  vectors.scale *= static_cast<float>(found->scale);
  return vectors;
}

// Entries of the table for each distance, mirrored where they are given for the other sign.
std::vector<std::int32_t> entries_of(const ByDistance& index, std::int64_t table_rows,
                                     bool mirrored) {
  std::vector<std::int32_t> entries;
  for (const double entry : index.values) {
    expect(entry >= 0 && entry < static_cast<double>(table_rows),
           "entries of the table of distances");
    entries.push_back(static_cast<std::int32_t>(entry));
  }
  if (mirrored) std::reverse(entries.begin(), entries.end());
  return entries;
}

std::int64_t table_rows(const DistanceVectors& vectors) {
  return vectors.rows.dims[0];
}

// Gather(table [rows, head_size], index [length, length]), its axes exchanged so that each token's
// row meets its own matrix [head_size, length].
DistanceProducts find_own_vectors(Lowering& lowering, ValueId value, const Heads& heads) {
  const graph::Graph& graph = lowering.graph();
  const Node* turn = graph::find_producer(graph, value);
  expect(turn != nullptr && turn->is("Transpose"), "the vectors' axes to be exchanged");
  const auto permutation = turn->integers("perm", {});
  const bool rows_first = permutation == std::vector<std::int64_t>{0, 2, 1};
  expect(rows_first || permutation == std::vector<std::int64_t>{1, 2, 0},
         "a matrix for each token");
  const Node* gather = graph::find_producer(graph, turn->inputs[0]);
  expect(gather != nullptr && gather->is("Gather") && gather->integer("axis", 0) == 0,
         "vectors to be looked up by distance");
  const auto table = find_table(graph, gather->inputs[0]);
  const auto& index = find_by_distance(lowering, gather->inputs[1]);
  expect(table && table->dims[1] == heads.head_size && index && index->limit > 0 &&
             index->functions == 1,
         "a table of vectors as long as a head");
  DistanceProducts products;
  products.heads = heads;
  products.limit = index->limit;
  products.lone = true;
  products.vectors.rows = *table;
  products.vectors.entries = entries_of(*index, table->dims[0], !rows_first);
  return products;
}

ValueId without(const graph::Graph& graph, ValueId value, std::string_view op_type) {
  const Node* node = graph::find_producer(graph, value);
  return node != nullptr && node->is(op_type) ? node->inputs[0] : value;
}

}  // namespace

const std::optional<ByDistance>& find_by_distance(Lowering& lowering, ValueId value) {
  const auto [held, is_new] = lowering.distances.try_emplace(value);
  if (is_new) held->second = lowering.lengths().by_distance(value);
  return held->second;
}

bool lower_distance_product(Lowering& lowering, const Node& node, const Heads& heads) {
  const ValueId right = node.inputs[1];
  if (!lowering.lengths().contains(right)) return false;
  if (heads.axes == Heads::Axes::k_lone) {
    Heads own = heads;
    own.axes = Heads::Axes::k_heads;
    lowering.set(node.outputs[0], find_own_vectors(lowering, right, own));
    return true;
  }
  expect(heads.axes == Heads::Axes::k_heads && lowering.sources().of(right) == Source::k_constants,
         "heads times vectors of distances");
  DistanceProducts products;
  products.heads = heads;
  products.vectors = find_vectors(lowering, right, heads);
  lowering.set(node.outputs[0], std::move(products));
  return true;
}

// GatherElements(products, entries by token and other token).
void lower_gather_elements(Lowering& lowering, const Node& node) {
  const auto* found = lowering.find<DistanceProducts>(node, 0);
  const std::int64_t axis = node.integer("axis", 0);
  expect(found != nullptr && found->limit == 0 && (axis == -1 || axis == 3),
         "products with distances to be looked up");
  ValueId index = without(lowering.graph(), node.inputs[1], "Expand");
  bool exchanged = false;
  if (const Node* turn = graph::find_producer(lowering.graph(), index);
      turn != nullptr && turn->is("Transpose")) {
    const auto permutation = turn->integers("perm", {1, 0});
    const std::size_t rank = permutation.size();
    exchanged = rank >= 2 && permutation[rank - 1] == static_cast<std::int64_t>(rank) - 2 &&
                permutation[rank - 2] == static_cast<std::int64_t>(rank) - 1;
    if (exchanged) index = turn->inputs[0];
  }
  const auto& by_distance = find_by_distance(lowering, index);
  expect(by_distance && by_distance->limit > 0 && by_distance->functions == 1,
         "entries that depend on the distance");
  DistanceProducts products = *found;
  products.limit = by_distance->limit;
  products.vectors.entries = entries_of(*by_distance, table_rows(products.vectors), exchanged);
  lowering.set(node.outputs[0], std::move(products));
}

}  // namespace hasten::engine
