// Elements moved: Transpose, Slice, Split, Concat, Pad, Expand, Gather, GatherElements. Arrays without elements, whose
// other dimensions may be of any size, are left to the interpreter.
#include <algorithm>
#include <numeric>

#include "engine/generic/box_copy.h"
#include "engine/generic/step_table.h"

namespace hasten::engine::generic {
namespace {

// Elements of either kind, by type.
const float* elements_of(const Array& array, float) {
  return array.reals.data();
}
const std::int64_t* elements_of(const Array& array, std::int64_t) {
  return array.integers.data();
}
float* make_like(StepCall& call, std::size_t output, std::size_t text, const Array& like, Dims dims,
                 float) {
  return call.make_reals(output, text, like.dtype, std::move(dims));
}
std::int64_t* make_like(StepCall& call, std::size_t output, std::size_t text, const Array& like,
                        Dims dims, std::int64_t) {
  return call.make_integers(output, text, like.dtype, std::move(dims));
}

// Calls move(example) with an example of the array's type of elements.
template <typename Move>
bool by_kind(const Array& array, Move move) {
  return array.floating() ? move(float{}) : move(std::int64_t{});
}

std::optional<std::size_t> axis_of(std::int64_t axis, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  if (axis < 0) axis += size;
  if (axis < 0 || axis >= size) return std::nullopt;
  return static_cast<std::size_t>(axis);
}

std::int64_t product(std::span<const std::int64_t> dims) {
  return std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
}

bool transpose_text(StepCall& call, std::size_t text, const Dims& order) {
  const Array& from = call.input(0, text);
  if (order.size() != from.dims.size() || from.size() == 0) return false;
  const Dims from_steps = graph::strides_of(from.dims);
  std::vector<bool> seen(order.size(), false);
  Dims dims;
  for (const std::int64_t wanted : order) {
    const auto axis = axis_of(wanted, order.size());
    if (!axis || seen[*axis]) return false;
    seen[*axis] = true;
    dims.push_back(from.dims[*axis]);
  }
  const Dims to_steps = graph::strides_of(dims);
  Box box;
  for (std::size_t k = 0; k < order.size(); ++k) {
    box.add_axis(dims[k], from_steps[*axis_of(order[k], order.size())], to_steps[k]);
  }
  return by_kind(from, [&](auto example) {
    copy_box(box, elements_of(from, example), make_like(call, 0, text, from, dims, example));
    return true;
  });
}

bool transpose(StepCall& call) {
  if (!call.has(0)) return false;
  Dims reversed(call.input(0, 0).dims.size());
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  const Dims order = call.node.integers("perm", reversed);
  for (std::size_t text = 0; text < call.texts; ++text) {
    if (!transpose_text(call, text, order)) return false;
  }
  return true;
}

// The part of an array that starts at `offset` and has these dimensions, with these steps.
bool take_part(StepCall& call, std::size_t output, std::size_t text, std::int64_t offset,
               const Dims& dims, const Dims& steps) {
  const Array& from = call.input(0, text);
  const Dims to_steps = graph::strides_of(dims);
  Box box;
  for (std::size_t axis = 0; axis < dims.size(); ++axis)
    box.add_axis(dims[axis], steps[axis], to_steps[axis]);
  return by_kind(from, [&](auto example) {
    auto* to = make_like(call, output, text, from, dims, example);
    if (call.outputs[output][text].size() > 0)
      copy_box(box, elements_of(from, example) + offset, to);
    return true;
  });
}

// Steps of 1, bounds as inputs; others are left to the interpreter.
bool slice_text(StepCall& call, std::size_t text) {
  const Array& from = call.input(0, text);
  if (from.size() == 0) return false;
  for (std::size_t index = 1; index < call.operands.size(); ++index) {
    if (call.has(index) && call.input(index, text).floating()) return false;
  }
  const auto starts = call.input(1, text).integers;
  const auto ends = call.input(2, text).integers;
  const std::size_t count = starts.size();
  if (ends.size() != count) return false;
  if (call.has(3) && call.input(3, text).integers.size() != count) return false;
  if (call.has(4)) {
    const auto given = call.input(4, text).integers;
    const auto is_one = [](std::int64_t step) { return step == 1; };
    if (given.size() != count || !std::all_of(given.begin(), given.end(), is_one)) return false;
  }
  Dims dims = from.dims;
  const Dims steps = graph::strides_of(from.dims);
  std::int64_t offset = 0;
  std::vector<bool> seen(dims.size());
  for (std::size_t k = 0; k < count; ++k) {
    const std::int64_t wanted =
        call.has(3) ? call.input(3, text).integers[k] : static_cast<std::int64_t>(k);
    const auto axis = axis_of(wanted, dims.size());
    if (!axis || seen[*axis]) return false;
    seen[*axis] = true;
    const std::int64_t length = from.dims[*axis];
    const auto place = [&](std::int64_t value) {
      return std::clamp<std::int64_t>(value < 0 ? value + length : value, 0, length);
    };
    const std::int64_t first = place(starts[k]);
    dims[*axis] = std::max<std::int64_t>(place(ends[k]) - first, 0);
    if (dims[*axis] > 0) offset += first * steps[*axis];
  }
  return take_part(call, 0, text, offset, dims, steps);
}

bool slice(StepCall& call) {
  if (call.opset < 10 || !call.has(0) || !call.has(1) || !call.has(2)) return false;
  for (std::size_t text = 0; text < call.texts; ++text) {
    if (!slice_text(call, text)) return false;
  }
  return true;
}

// The lengths of the pieces, where they are told or all the same.
std::optional<Dims> piece_lengths(const StepCall& call, std::size_t text, std::int64_t length) {
  Dims lengths = call.node.integers("split", {});
  if (call.has(1)) {
    const auto given = call.input(1, text).integers;
    lengths.assign(given.begin(), given.end());
  }
  const auto pieces = static_cast<std::int64_t>(call.node.outputs.size());
  if (lengths.empty()) {
    if (call.node.attributes.contains("num_outputs") || length % pieces != 0) return std::nullopt;
    lengths.assign(call.node.outputs.size(), length / pieces);
  }
  const bool positive = std::all_of(lengths.begin(), lengths.end(),
                                    [&](std::int64_t each) { return each >= 0 && each <= length; });
  if (!positive || lengths.size() != call.node.outputs.size()) return std::nullopt;
  if (std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0}) != length)
    return std::nullopt;
  return lengths;
}

bool split(StepCall& call) {
  if (!call.has(0)) return false;
  for (std::size_t text = 0; text < call.texts; ++text) {
    const Array& from = call.input(0, text);
    const auto axis = axis_of(call.node.integer("axis", 0), from.dims.size());
    if (!axis || from.size() == 0) return false;
    const auto lengths = piece_lengths(call, text, from.dims[*axis]);
    if (!lengths) return false;
    const Dims steps = graph::strides_of(from.dims);
    std::int64_t offset = 0;
    for (std::size_t piece = 0; piece < lengths->size(); ++piece) {
      Dims dims = from.dims;
      dims[*axis] = (*lengths)[piece];
      if (call.wants(piece)) take_part(call, piece, text, offset, dims, steps);
      offset += (*lengths)[piece] * steps[*axis];
    }
  }
  return true;
}

bool concat_text(StepCall& call, std::size_t text) {
  const Array& first = call.input(0, text);
  const auto axis = axis_of(call.node.integer("axis", 1), first.dims.size());
  if (!axis) return false;
  Dims dims = first.dims;
  for (std::size_t index = 1; index < call.operands.size(); ++index) {
    if (!call.has(index)) return false;
    const Array& part = call.input(index, text);
    Dims other = part.dims;
    if (part.dtype != first.dtype || other.size() != dims.size()) return false;
    if (__builtin_add_overflow(dims[*axis], other[*axis], &dims[*axis])) return false;
    other[*axis] = first.dims[*axis];
    if (other != first.dims) return false;
  }
  return by_kind(first, [&](auto example) {
    auto* to = make_like(call, 0, text, first, dims, example);
    if (call.outputs[0][text].size() == 0) return true;
    const std::int64_t outer = product(std::span(dims).first(*axis));
    const std::int64_t inner = product(std::span(dims).subspan(*axis + 1));
    for (std::size_t index = 0; index < call.operands.size(); ++index) {
      const Array& part = call.input(index, text);
      const std::int64_t line = part.dims[*axis] * inner;
      Box box;
      box.add_axis(outer, line, dims[*axis] * inner);
      box.add_axis(line, 1, 1);
      if (outer > 0 && line > 0) copy_box(box, elements_of(part, example), to);
      to += line;
    }
    return true;
  });
}

bool concat(StepCall& call) {
  if (!call.has(0)) return false;
  for (std::size_t text = 0; text < call.texts; ++text) {
    if (!concat_text(call, text)) return false;
  }
  return true;
}

// Zeros around the elements, as many on each side as an input tells.
bool pad_text(StepCall& call, std::size_t text) {
  const Array& from = call.input(0, text);
  const Array& pads = call.input(1, text);
  const std::size_t rank = from.dims.size();
  if (pads.floating() || pads.integers.size() != 2 * rank || from.size() == 0) return false;
  Dims dims = from.dims;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::int64_t before = pads.integers[axis];
    const std::int64_t after = pads.integers[axis + rank];
    const bool fits = before >= 0 && after >= 0 &&
                      !__builtin_add_overflow(dims[axis], before, &dims[axis]) &&
                      !__builtin_add_overflow(dims[axis], after, &dims[axis]);
    if (!fits) return false;
  }
  const Dims from_steps = graph::strides_of(from.dims);
  const Dims to_steps = graph::strides_of(dims);
  return by_kind(from, [&](auto example) {
    auto* to = make_like(call, 0, text, from, dims, example);
    std::fill_n(to, call.outputs[0][text].size(), example);
    Box box;
    for (std::size_t axis = 0; axis < rank; ++axis) {
      box.add_axis(from.dims[axis], from_steps[axis], to_steps[axis]);
      to += pads.integers[axis] * to_steps[axis];
    }
    copy_box(box, elements_of(from, example), to);
    return true;
  });
}

bool pad(StepCall& call) {
  const bool is_plain = call.opset >= 11 && call.node.text("mode", "constant") == "constant" &&
                        !call.has(2) && !call.has(3);
  if (!is_plain || !call.has(0) || !call.has(1)) return false;
  for (std::size_t text = 0; text < call.texts; ++text) {
    if (!pad_text(call, text)) return false;
  }
  return true;
}

bool expand(StepCall& call) {
  if (!call.has(0) || !call.has(1)) return false;
  for (std::size_t text = 0; text < call.texts; ++text) {
    if (call.input(1, text).floating()) return false;
    const Array& from = call.input(0, text);
    const auto dims = graph::broadcast_dims(from.dims, call.input(1, text).integers);
    if (!dims || from.size() == 0) return false;
    graph::checked_count(*dims);
    take_part(call, 0, text, 0, *dims, graph::broadcast_strides(from.dims, *dims));
  }
  return true;
}

bool gather_text(StepCall& call, std::size_t text) {
  const Array& from = call.input(0, text);
  const Array& places = call.input(1, text);
  const auto axis = axis_of(call.node.integer("axis", 0), from.dims.size());
  if (!axis || places.floating() || from.size() == 0) return false;
  const std::span<const std::int64_t> all(from.dims);
  const std::int64_t length = all[*axis];
  for (const std::int64_t place : places.integers) {
    if (place < -length || place >= length) return false;
  }
  Dims dims(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(*axis));
  dims.insert(dims.end(), places.dims.begin(), places.dims.end());
  dims.insert(dims.end(), all.begin() + static_cast<std::ptrdiff_t>(*axis) + 1, all.end());
  return by_kind(from, [&](auto example) {
    auto* to = make_like(call, 0, text, from, dims, example);
    if (call.outputs[0][text].size() == 0) return true;
    const std::int64_t outer = product(all.first(*axis));
    const std::int64_t inner = product(all.subspan(*axis + 1));
    const auto* in = elements_of(from, example);
    for (std::int64_t row = 0; row < outer; ++row) {
      for (const std::int64_t place : places.integers) {
        const std::int64_t at = row * length + (place < 0 ? place + length : place);
        to = std::copy_n(in + at * inner, inner, to);
      }
    }
    return true;
  });
}

bool gather(StepCall& call) {
  if (!call.has(0) || !call.has(1)) return false;
  for (std::size_t text = 0; text < call.texts; ++text) {
    if (!gather_text(call, text)) return false;
  }
  return true;
}

// Along the last axis, where the indices reach over the whole of the others.
bool gather_elements_text(StepCall& call, std::size_t text) {
  const Array& from = call.input(0, text);
  const Array& places = call.input(1, text);
  if (places.floating() || from.dims.empty() || places.dims.size() != from.dims.size())
    return false;
  const std::size_t last = from.dims.size() - 1;
  if (axis_of(call.node.integer("axis", 0), from.dims.size()) != last) return false;
  if (!std::equal(from.dims.begin(), from.dims.end() - 1, places.dims.begin())) return false;
  const std::int64_t length = from.dims[last];
  const std::int64_t width = places.dims[last];
  for (const std::int64_t place : places.integers) {
    if (place < -length || place >= length) return false;
  }
  return by_kind(from, [&](auto example) {
    auto* to = make_like(call, 0, text, from, places.dims, example);
    const auto* row = elements_of(from, example);
    const std::int64_t* place = places.integers.data();
    const std::int64_t* const end = place + places.size();
    for (; place != end; row += length) {
      for (std::int64_t i = 0; i < width; ++i, ++place)
        *to++ = row[*place < 0 ? *place + length : *place];
    }
    return true;
  });
}

bool gather_elements(StepCall& call) {
  if (!call.has(0) || !call.has(1)) return false;
  for (std::size_t text = 0; text < call.texts; ++text) {
    if (!gather_elements_text(call, text)) return false;
  }
  return true;
}

}  // namespace

void add_moving_steps(StepTable& table) {
  table[{"Transpose", ""}] = {transpose};
  table[{"Slice", ""}] = {slice};
  table[{"Split", ""}] = {split};
  table[{"Concat", ""}] = {concat};
  table[{"Pad", ""}] = {pad};
  table[{"Expand", ""}] = {expand};
  table[{"Gather", ""}] = {gather};
  table[{"GatherElements", ""}] = {gather_elements};
}

}  // namespace hasten::engine::generic
