// Heads: columns of a buffer that are split and turned.
#include <algorithm>

#include "engine/lowering.h"
#include "graph/passes/attention_layout.h"
#include "graph/passes/match.h"

namespace hasten::engine {
namespace {

using graph::Node;
using graph::ValueId;
using Axes = Heads::Axes;
using Permutation = std::vector<std::int64_t>;

std::optional<View> view_of(Lowering& lowering, const Node& node, std::size_t input) {
  if (const auto* view = lowering.find<View>(node, input)) return *view;
  if (const auto buffer = lowering.find_buffer(node, input)) {
    return View{{*buffer, 0}, lowering.width(*buffer)};
  }
  return std::nullopt;
}

// The columns as what they are: a buffer when they are all of it.
void set_view(Lowering& lowering, ValueId value, const Columns& columns, std::int64_t width) {
  if (columns.offset == 0 && width == lowering.width(columns.buffer)) {
    return lowering.set(value, columns.buffer);
  }
  lowering.set(value, View{columns, width});
}

// What a Reshape makes of dimensions `from`, for one text of the length that is tried.
std::optional<Dims> reshaped(Lowering& lowering, const Node& node, const Dims& from) {
  const std::int64_t length = lowering.lengths().tried_length();
  const Tensor* target = lowering.lengths().walk(length).value(node.inputs[1]);
  if (target == nullptr || is_floating(target->dtype)) return std::nullopt;
  return graph::reshaped_dims(to_int64(*target), from);
}

bool split_channels(Lowering& lowering, const Node& node, BufferId buffer) {
  const std::int64_t length = lowering.lengths().tried_length();
  const std::int64_t width = lowering.width(buffer);
  const auto dims = reshaped(lowering, node, {1, width, length});
  expect(dims && dims->size() == 4 && (*dims)[0] == 1 && (*dims)[1] * (*dims)[2] == width &&
             (*dims)[3] == length,
         "columns to be split into heads");
  Heads heads;
  heads.columns = {buffer, 0};
  heads.heads = (*dims)[1];
  heads.head_size = (*dims)[2];
  heads.axes = Axes::k_turned;
  lowering.set(node.outputs[0], heads);
  return true;
}

bool merge_heads(Lowering& lowering, const Node& node, const Heads& heads) {
  const std::int64_t length = lowering.lengths().tried_length();
  expect(heads.scale == 1 && !heads.rotation, "heads to be merged");
  if (heads.axes == Axes::k_turned) {
    const Dims merged = {1, heads.width(), length};
    expect(heads.columns.offset == 0 && heads.width() == lowering.width(heads.columns.buffer) &&
               reshaped(lowering, node, {1, heads.heads, heads.head_size, length}) == merged,
           "heads to be merged");
    lowering.set(node.outputs[0], Channels{heads.columns.buffer});
    return true;
  }
  const Dims merged = {1, length, heads.width()};
  expect(heads.axes == Axes::k_split &&
             reshaped(lowering, node, {1, length, heads.heads, heads.head_size}) == merged,
         "heads to be merged");
  set_view(lowering, node.outputs[0], heads.columns, heads.width());
  return true;
}

bool lower_reshape(Lowering& lowering, const Node& node) {
  const std::int64_t length = lowering.lengths().tried_length();
  if (const auto* channels = lowering.find<Channels>(node, 0))
    return split_channels(lowering, node, channels->buffer);
  if (const auto* heads = lowering.find<Heads>(node, 0)) return merge_heads(lowering, node, *heads);
  const auto view = view_of(lowering, node, 0);
  if (!view || lowering.rows(view->columns.buffer) != Rows::k_tokens) return false;
  const auto dims = reshaped(lowering, node, {1, length, view->width});
  if (dims == Dims{1, length, view->width}) {
    lowering.set(node.outputs[0], lowering.of(node, 0));
    return true;
  }
  expect(dims && dims->size() == 4 && (*dims)[0] == 1 && (*dims)[1] == length,
         "rows to be split into heads");
  Heads heads;
  heads.columns = view->columns;
  heads.heads = (*dims)[2];
  heads.head_size = (*dims)[3];
  lowering.set(node.outputs[0], heads);
  return true;
}

std::optional<Axes> turned(Axes axes, const Permutation& permutation) {
  if (permutation == Permutation{0, 2, 1, 3}) {
    if (axes == Axes::k_split) return Axes::k_heads;
    if (axes == Axes::k_heads) return Axes::k_split;
  }
  if (permutation == Permutation{0, 1, 3, 2}) {
    if (axes == Axes::k_heads) return Axes::k_turned;
    if (axes == Axes::k_turned) return Axes::k_heads;
  }
  if (permutation == Permutation{0, 2, 3, 1} && axes == Axes::k_split) return Axes::k_turned;
  return std::nullopt;
}

bool lower_transpose(Lowering& lowering, const Node& node) {
  const Permutation permutation = node.integers("perm", {});
  if (const auto buffer = lowering.find_buffer(node, 0)) {
    expect(permutation == Permutation{0, 2, 1}, "tokens and columns to be exchanged");
    lowering.set(node.outputs[0], Channels{*buffer});
    return true;
  }
  if (const auto* channels = lowering.find<Channels>(node, 0)) {
    expect(permutation == Permutation{0, 2, 1}, "tokens and columns to be exchanged");
    lowering.set(node.outputs[0], channels->buffer);
    return true;
  }
  if (const auto* products = lowering.find<DistanceProducts>(node, 0)) {
    expect(permutation == Permutation{0, 1, 3, 2} && products->limit > 0 && !products->lone,
           "queries and keys to be exchanged");
    DistanceProducts other = *products;
    other.turned = !other.turned;
    lowering.set(node.outputs[0], std::move(other));
    return true;
  }
  const Heads* found = find_heads(lowering, node, 0);
  if (found == nullptr) return false;
  Heads heads = *found;
  const auto axes = turned(heads.axes, permutation);
  expect(axes.has_value(), "axes of heads to be exchanged");
  heads.axes = *axes;
  lowering.set(node.outputs[0], std::move(heads));
  return true;
}

bool is_axis(const Lowering& lowering, const Node& node, std::int64_t axis, std::int64_t rank) {
  const auto axes = graph::integers_of(lowering.graph(), node, "axes", 1);
  return axes && axes->size() == 1 && ((*axes)[0] == axis || (*axes)[0] == axis - rank);
}

bool lower_unsqueeze(Lowering& lowering, const Node& node) {
  const auto* found = lowering.find<Heads>(node, 0);
  if (found == nullptr || found->axes != Axes::k_heads || !is_axis(lowering, node, 3, 5))
    return false;
  Heads heads = *found;
  heads.axes = Axes::k_lone;
  lowering.set(node.outputs[0], std::move(heads));
  return true;
}

bool lower_squeeze(Lowering& lowering, const Node& node) {
  const auto* found = lowering.find<DistanceProducts>(node, 0);
  if (found == nullptr || !found->lone || !is_axis(lowering, node, 3, 5)) return false;
  DistanceProducts products = *found;
  products.lone = false;
  lowering.set(node.outputs[0], std::move(products));
  return true;
}

}  // namespace

const Heads* find_heads(Lowering& lowering, const Node& node, std::size_t input) {
  if (!Lowering::has_input(node, input)) return nullptr;
  const ValueId value = node.inputs[input];
  if (const auto* derived = lowering.find<Derived>(node, input)) {
    const ValueId source = derived->source;
    const auto* found = std::get_if<Heads>(&lowering.of(source));
    if (found == nullptr) return nullptr;
    Heads heads = *found;
    expect(!heads.rotation, "heads to be turned once");
    rotate_heads(lowering, heads, source, value);
    lowering.set(value, std::move(heads));
  }
  return lowering.find<Heads>(node, input);
}

bool lower_split(Lowering& lowering, const Node& node) {
  const auto view = view_of(lowering, node, 0);
  if (!view) return false;
  const std::int64_t axis = node.integer("axis", 0);
  expect(axis == -1 || (axis == 2 && lowering.rows(view->columns.buffer) == Rows::k_tokens),
         "columns to be split");
  const auto parts = static_cast<std::int64_t>(node.outputs.size());
  const auto sizes =
      graph::integers_of(lowering.graph(), node, "split", 1)
          .value_or(std::vector<std::int64_t>(node.outputs.size(), view->width / parts));
  Columns columns = view->columns;
  for (std::size_t part = 0; part < node.outputs.size() && part < sizes.size(); ++part) {
    if (node.outputs[part] != graph::k_no_value) {
      set_view(lowering, node.outputs[part], columns, sizes[part]);
    }
    columns.offset += sizes[part];
  }
  expect(columns.offset == view->columns.offset + view->width, "all columns to be split");
  return true;
}

namespace {

// A number that an input holds, the same for texts of two lengths.
std::optional<std::int64_t> fixed_integer(Lowering& lowering, const Node& node, std::size_t input) {
  std::optional<std::int64_t> found;
  for (const std::int64_t length :
       {lowering.lengths().tried_length(), lowering.lengths().other_length()}) {
    const Tensor* tensor = Lowering::has_input(node, input)
                               ? lowering.lengths().walk(length).value(node.inputs[input])
                               : nullptr;
    if (tensor == nullptr || is_floating(tensor->dtype) || tensor->size() != 1) return std::nullopt;
    const std::int64_t number = to_int64(*tensor)[0];
    if (found && *found != number) return std::nullopt;
    found = number;
  }
  return found;
}

}  // namespace

bool lower_column_slice(Lowering& lowering, const Node& node) {
  const auto axis = fixed_integer(lowering, node, 3);
  if (axis != -1 && axis != 2) return false;
  const auto view = view_of(lowering, node, 0);
  if (!view || lowering.rows(view->columns.buffer) != Rows::k_tokens) return false;
  const auto start = fixed_integer(lowering, node, 1);
  const auto end = fixed_integer(lowering, node, 2);
  expect(start && end && *start >= 0 &&
             (!Lowering::has_input(node, 4) || fixed_integer(lowering, node, 4) == 1),
         "columns from one number to another to be sliced");
  const std::int64_t last = *end < 0 ? *end + view->width : std::min(*end, view->width);
  expect(*start < last, "columns to be sliced");
  Columns columns = view->columns;
  columns.offset += *start;
  set_view(lowering, node.outputs[0], columns, last - *start);
  return true;
}

bool lower_layout(Lowering& lowering, const Node& node) {
  if (node.is("Reshape")) return lower_reshape(lowering, node);
  if (node.is("Transpose")) return lower_transpose(lowering, node);
  if (node.is("Unsqueeze")) return lower_unsqueeze(lowering, node);
  return node.is("Squeeze") && lower_squeeze(lowering, node);
}

}  // namespace hasten::engine
