// Heads that are turned by the angles of their positions, in halves or in pairs of columns.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "engine/lowering.h"
#include "engine/weight_columns.h"
#include "graph/passes/match.h"
#include "graph/passes/region.h"

namespace hasten::engine {
namespace {

using graph::Node;
using graph::ValueId;
using Axes = Heads::Axes;

constexpr std::size_t k_most_nodes = 60;

// Whether a constant has numbers for each place of a text of the only length that there is.
bool is_fixed_table(const Lowering& lowering, const Heads& heads, ValueId value) {
  const Tensor& constant = *lowering.graph().value(value).constant;
  if (!lowering.has_padding() || !is_floating(constant.dtype) || constant.dims.size() < 2)
    return false;
  const std::int64_t width = constant.dims.back();
  return (width == heads.head_size || 2 * width == heads.head_size) &&
         constant.size() == width * lowering.lengths().fixed_length();
}

// Values of lengths that a value is computed from, beside `source`: tables, not places to cut at.
std::vector<ValueId> tables_behind(Lowering& lowering, const Heads& heads, ValueId source,
                                   ValueId value) {
  const std::int64_t length = lowering.lengths().tried_length();
  std::set<ValueId> seen = {source};
  std::vector<ValueId> found;
  std::vector<ValueId> open = {value};
  while (!open.empty()) {
    const ValueId next = open.back();
    open.pop_back();
    if (next == graph::k_no_value || !seen.insert(next).second) continue;
    if (lowering.graph().is_constant(next)) {
      if (is_fixed_table(lowering, heads, next)) found.push_back(next);
      continue;
    }
    const Node* node = graph::find_producer(lowering.graph(), next);
    const bool is_table = lowering.lengths().contains(next);
    if (is_table || node == nullptr) {
      const Tensor* known = lowering.lengths().walk(length).value(next);
      if (known == nullptr || is_floating(known->dtype)) found.push_back(next);
      continue;
    }
    open.insert(open.end(), node->inputs.begin(), node->inputs.end());
  }
  return found;
}

// Rows of pairs of columns with the first ones of all pairs before the second ones.
std::vector<float> without_pairs(const std::vector<float>& values, std::int64_t width) {
  std::vector<float> sorted(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i) / width;
    const auto column = static_cast<std::int64_t>(i) % width;
    sorted[static_cast<std::size_t>(row * width + column / 2 + column % 2 * (width / 2))] =
        values[i];
  }
  return sorted;
}

// A table of angles' functions as [length, head_size], those of the first columns of pairs before those of the
// second; one of half the size serves both.
std::optional<std::vector<float>> angles(Lowering& lowering, ValueId table, std::int64_t length,
                                         std::int64_t head_size, bool pairs) {
  const auto tensor = lowering.lengths().evaluate(table, length);
  if (!tensor || tensor->dims.empty()) return std::nullopt;
  const std::int64_t width = tensor->dims.back();
  const bool halves = 2 * width == head_size;
  if ((width != head_size && !halves) || tensor->size() != length * width) return std::nullopt;
  std::vector<float> values = to_float32(*tensor);
  if (!halves) return pairs ? without_pairs(values, head_size) : values;
  std::vector<float> doubled;
  for (auto row = values.begin(); row != values.end(); row += width) {
    doubled.insert(doubled.end(), row, row + width);
    doubled.insert(doubled.end(), row, row + width);
  }
  return doubled;
}

std::vector<double> some_numbers(std::size_t count) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = std::sin(static_cast<double>(i * i) + 0.5);
  return values;
}

// Whether what leads from `source` to `value` is the rotation with these tables, of halves or of pairs.
bool is_rotation(Lowering& lowering, const Heads& heads, ValueId source, ValueId value,
                 const std::vector<ValueId>& tables, std::size_t cosine, bool pairs) {
  const std::int64_t length = lowering.lengths().tried_length();
  const std::vector<ValueId> inputs = {source, tables[0], tables[1]};
  const auto region = graph::cut_out(lowering.graph(), inputs, value, k_most_nodes,
                                     &lowering.lengths().walk(length));
  const auto first = lowering.lengths().evaluate(tables[0], length);
  const auto second = lowering.lengths().evaluate(tables[1], length);
  const auto cosines = angles(lowering, tables[cosine], length, heads.head_size, pairs);
  const auto sines = angles(lowering, tables[1 - cosine], length, heads.head_size, pairs);
  if (!region || !first || !second || !cosines || !sines) return false;
  const auto size = static_cast<std::size_t>(heads.head_size);
  const bool by_token = heads.axes == Axes::k_split;
  const Dims dims = by_token ? Dims{1, length, heads.heads, heads.head_size}
                             : Dims{1, heads.heads, length, heads.head_size};
  const std::vector<double> x = some_numbers(static_cast<std::size_t>(heads.width() * length));
  const auto result = graph::try_out(*region, {make_tensor<double>(dims, x), *first, *second});
  if (!result || result->size() != static_cast<std::int64_t>(x.size())) return false;
  const std::vector<double> actual = numbers_of(*result);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t column = i % size;
    const std::size_t row = by_token ? i / static_cast<std::size_t>(heads.width())
                                     : i / size % static_cast<std::size_t>(length);
    const std::size_t angle = row * size + (pairs ? column / 2 + column % 2 * (size / 2) : column);
    const std::size_t distance = pairs ? 1 : size / 2;
    const bool is_first = pairs ? column % 2 == 0 : column < size / 2;
    const double other = is_first ? -x[i + distance] : x[i - distance];
    const double expected = x[i] * double{(*cosines)[angle]} + other * double{(*sines)[angle]};
    if (!(std::abs(actual[i] - expected) < 1e-5)) return false;
  }
  return true;
}

bool is_same(const Tensor& a, const Tensor& b) {
  return a.dims == b.dims &&
         std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin(), b.bytes.end());
}

// The tables of a rotation, shared by all heads that are turned by the same.
Rotation read_rotation(Lowering& lowering, const std::vector<ValueId>& tables, std::size_t cosine,
                       std::int64_t head_size, bool pairs) {
  Rotation& rotation = lowering.rotations[{tables[cosine], tables[1 - cosine], pairs}];
  if (!rotation.cosines.dims.empty()) return rotation;
  const std::int64_t limit = std::min(lowering.lengths().rows_behind(tables[0]),
                                      lowering.lengths().rows_behind(tables[1]));
  auto cosines = angles(lowering, tables[cosine], limit, head_size, pairs);
  auto sines = angles(lowering, tables[1 - cosine], limit, head_size, pairs);
  expect(cosines && sines, "tables of angles");
  rotation.cosines = make_tensor<float>({limit, head_size}, std::move(*cosines));
  rotation.sines = make_tensor<float>({limit, head_size}, std::move(*sines));
  // Query and key may have tables of their own, laid out for them.
  for (const auto& [values, other] : lowering.rotations) {
    if (&other != &rotation && is_same(other.cosines, rotation.cosines) &&
        is_same(other.sines, rotation.sines)) {
      return rotation = other;
    }
  }
  return rotation;
}

// Whether nothing but `reader` reads a value's elements.
bool is_read_by(const graph::Graph& graph, ValueId value, const Node& reader) {
  for (const graph::NodeId id : graph.consumers(value)) {
    if (&graph.node(id) != &reader && !graph.node(id).is("Shape")) return false;
  }
  return !graph.is_output(value);
}

// Whether the columns that heads were split from are read for nothing else.
bool are_only_heads(const graph::Graph& graph, ValueId value) {
  const Node* node = graph::find_producer(graph, value);
  while (node != nullptr && (node->is("Reshape") || node->is("Transpose") || node->is("Split"))) {
    if (!is_read_by(graph, node->inputs[0], *node)) return false;
    node = graph::find_producer(graph, node->inputs[0]);
  }
  return node != nullptr && !node->is("Slice");
}

// Whether all that is computed from one value's elements is another.
bool leads_only_to(const graph::Graph& graph, ValueId source, ValueId value) {
  std::vector<ValueId> reached = {source};
  for (std::size_t next = 0; next < reached.size(); ++next) {
    if (reached[next] == value) continue;
    if (graph.is_output(reached[next]) || reached.size() > k_most_nodes) return false;
    for (const graph::NodeId id : graph.consumers(reached[next])) {
      const Node& reader = graph.node(id);
      if (reader.is("Shape")) continue;
      for (const ValueId output : reader.outputs) {
        if (output == graph::k_no_value) continue;
        if (std::find(reached.begin(), reached.end(), output) == reached.end())
          reached.push_back(output);
      }
    }
  }
  return true;
}

// Puts the first columns of the pairs of each head before the second ones, in the product that computes them.
void sort_pairs(Lowering& lowering, const Heads& heads, ValueId source, ValueId value) {
  Linear* linear = lowering.plain_linear(heads.columns.buffer);
  expect(linear != nullptr && leads_only_to(lowering.graph(), source, value) &&
             are_only_heads(lowering.graph(), source),
         "columns that are read as heads alone");
  std::vector<std::int64_t> columns(static_cast<std::size_t>(linear->weight.outputs()));
  std::iota(columns.begin(), columns.end(), std::int64_t{0});
  const std::int64_t size = heads.head_size;
  for (std::int64_t i = 0; i < heads.width(); ++i) {
    const std::int64_t place = i % size / 2 + i % 2 * (size / 2);
    columns[static_cast<std::size_t>(heads.columns.offset + i / size * size + place)] =
        heads.columns.offset + i;
  }
  linear->weight = choose_columns(linear->weight, columns);
  if (linear->bias) linear->bias = choose_elements(*linear->bias, columns);
}

}  // namespace

void rotate_heads(Lowering& lowering, Heads& heads, ValueId source, ValueId value) {
  const std::vector<ValueId> tables = tables_behind(lowering, heads, source, value);
  expect(tables.size() == 2 && heads.head_size % 2 == 0 &&
             (heads.axes == Axes::k_heads || heads.axes == Axes::k_split),
         "heads to be turned by a table of cosines and one of sines");
  for (const bool pairs : {false, true}) {
    for (const std::size_t cosine : {std::size_t{0}, std::size_t{1}}) {
      if (!is_rotation(lowering, heads, source, value, tables, cosine, pairs)) continue;
      heads.rotation = read_rotation(lowering, tables, cosine, heads.head_size, pairs);
      heads.sorted_pairs = pairs;
      if (pairs) sort_pairs(lowering, heads, source, value);
      return;
    }
  }
  throw NotLowered{"heads to be turned by their positions"};
}

}  // namespace hasten::engine
