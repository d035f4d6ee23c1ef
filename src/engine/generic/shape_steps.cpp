// The same elements under another shape: nothing is copied.
#include <algorithm>

#include "engine/generic/step_table.h"

namespace hasten::engine::generic {
namespace {

// Calls reshape(array, text, dims) to change the dims of each text's input; false from it: not known here.
template <typename Reshape>
bool reshape_texts(StepCall& call, Reshape reshape) {
  if (!call.has(0)) return false;
  for (std::size_t text = 0; text < call.texts; ++text) {
    const Array& from = call.input(0, text);
    Dims dims;
    if (!reshape(from, text, dims)) return false;
    call.outputs[0][text] = graph::reshaped(from, std::move(dims));
  }
  return true;
}

bool identity(StepCall& call) {
  return reshape_texts(call, [](const Array& from, std::size_t, Dims& dims) {
    dims = from.dims;
    return true;
  });
}

bool resolve_shape(const Array& from, std::span<const std::int64_t> wanted, Dims& dims) {
  dims.assign(wanted.begin(), wanted.end());
  std::int64_t rest = 1;
  std::int64_t* free = nullptr;
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    std::int64_t& dim = dims[axis];
    if (dim == 0) {
      if (axis >= from.dims.size()) return false;
      dim = from.dims[axis];
    }
    if (dim == -1) {
      if (free != nullptr) return false;
      free = &dim;
    } else if (dim < 0 || __builtin_mul_overflow(rest, dim, &rest)) {
      return false;
    }
  }
  if (free != nullptr) {
    if (rest == 0 || from.size() % rest != 0) return false;
    *free = from.size() / rest;
    rest *= *free;
  }
  return rest == from.size();
}

bool reshape(StepCall& call) {
  if (!call.has(1) || call.node.integer("allowzero", 0) != 0) return false;
  return reshape_texts(call, [&](const Array& from, std::size_t text, Dims& dims) {
    const Array& wanted = call.input(1, text);
    return !wanted.floating() && resolve_shape(from, wanted.integers, dims);
  });
}

// The axes of Squeeze and Unsqueeze in ascending order, counted in a shape of `rank`; nothing where they are left
// out, outside the shape or told twice.
std::optional<Dims> axes_of(const StepCall& call, std::size_t text, std::size_t given_rank) {
  Dims axes = call.node.integers("axes", {});
  if (call.has(1)) {
    if (call.input(1, text).floating()) return std::nullopt;
    const auto given = call.input(1, text).integers;
    axes.assign(given.begin(), given.end());
  }
  const bool adds = call.node.is("Unsqueeze");
  const auto rank = static_cast<std::int64_t>(given_rank + (adds ? axes.size() : 0));
  for (std::int64_t& axis : axes) {
    if (axis < -rank || axis >= rank) return std::nullopt;
    if (axis < 0) axis += rank;
  }
  std::sort(axes.begin(), axes.end());
  const bool twice = std::adjacent_find(axes.begin(), axes.end()) != axes.end();
  if (axes.empty() || twice) return std::nullopt;
  return axes;
}

bool squeeze(StepCall& call) {
  return reshape_texts(call, [&](const Array& from, std::size_t text, Dims& dims) {
    const auto axes = axes_of(call, text, from.dims.size());
    if (!axes) return false;
    for (std::size_t axis = 0; axis < from.dims.size(); ++axis) {
      const bool dropped =
          std::binary_search(axes->begin(), axes->end(), static_cast<std::int64_t>(axis));
      if (dropped && from.dims[axis] != 1) return false;
      if (!dropped) dims.push_back(from.dims[axis]);
    }
    return true;
  });
}

bool unsqueeze(StepCall& call) {
  return reshape_texts(call, [&](const Array& from, std::size_t text, Dims& dims) {
    const auto axes = axes_of(call, text, from.dims.size());
    if (!axes) return false;
    dims = from.dims;
    for (const std::int64_t axis : *axes) dims.insert(dims.begin() + axis, 1);
    return true;
  });
}

}  // namespace

void add_shape_steps(StepTable& table) {
  table[{"Identity", ""}] = {identity};
  table[{"Reshape", ""}] = {reshape};
  table[{"Squeeze", ""}] = {squeeze};
  table[{"Unsqueeze", ""}] = {unsqueeze};
}

}  // namespace hasten::engine::generic
