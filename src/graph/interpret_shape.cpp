// Shapes: the same elements under another shape, in another order, or in other pieces.
#include <algorithm>
#include <numeric>

#include "graph/broadcast.h"
#include "graph/operator_table.h"

namespace hasten::graph {
namespace {

std::int64_t product(const Dims& dims, std::size_t first, std::size_t last) {
  const auto count = element_count(std::span(dims).subspan(first, last - first));
  return count.value_or(-1);
}

template <typename Real>
void identity(OperatorCall<Real>& call) {
  call.emit(call.input(0));
}

// Inference only: nothing is dropped. The mask has been of type bool since opset 10.
template <typename Real>
void dropout(OperatorCall<Real>& call) {
  const bool training = call.has(2) && call.integer_scalar(2) != 0;
  const bool drops = !call.has(1) || call.real_scalar(1) != 0;
  if (training && drops) call.unsupported("Dropout in training mode is random");
  call.emit(call.input(0));
  const auto count = static_cast<std::size_t>(call.input(0).size());
  if (call.opset < 10)
    return call.emit_reals(call.input(0).dtype, call.input(0).dims, std::vector<Real>(count, 1));
  call.emit_integers(DType::k_bool, call.input(0).dims, std::vector<std::int64_t>(count, 1));
}

template <typename Real>
void reshape(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const auto wanted = call.integers(1);
  const bool zero_is_zero = call.node.integer("allowzero", 0) != 0;
  Dims dims(wanted.begin(), wanted.end());
  std::optional<std::size_t> free;
  std::int64_t rest = 1;
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    if (dims[axis] == 0 && !zero_is_zero) {
      call.check_shapes(axis < from.dims.size());
      dims[axis] = from.dims[axis];
    }
    if (dims[axis] == -1) {
      if (free) call.malformed("two dimensions of -1");
      free = axis;
    } else if (dims[axis] < 0 || __builtin_mul_overflow(rest, dims[axis], &rest)) {
      call.malformed("the shape " + to_string(dims) + " is impossible");
    }
  }
  if (free) {
    call.check_shapes(rest != 0 && from.size() % rest == 0);
    dims[*free] = from.size() / rest;
    rest *= dims[*free];
  }
  if (rest != from.size())
    call.malformed("shape " + to_string(from.dims) + " cannot become " + to_string(dims));
  call.emit(reshaped(from, std::move(dims)));
}

template <typename Real>
void flatten(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const std::size_t axis = call.axis(call.node.integer("axis", 1), from.rank(), true);
  const Dims dims = {product(from.dims, 0, axis), product(from.dims, axis, from.dims.size())};
  call.check_shapes(dims[0] >= 0 &&
                    dims[1] >= 0);  // beside a 0 the others may multiply to anything
  call.emit(reshaped(from, dims));
}

template <typename Real>
void squeeze(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const auto wanted = call.integers_of("axes", 1);
  std::vector<bool> dropped(from.dims.size(), false);
  for (std::size_t axis = 0; axis < from.dims.size(); ++axis)
    dropped[axis] = !wanted && from.dims[axis] == 1;
  for (const std::size_t axis : call.axes(wanted.value_or(Dims{}), from.rank())) {
    call.check_shapes(from.dims[axis] == 1);
    dropped[axis] = true;
  }
  Dims dims;
  for (std::size_t axis = 0; axis < from.dims.size(); ++axis) {
    if (!dropped[axis]) dims.push_back(from.dims[axis]);
  }
  call.emit(reshaped(from, std::move(dims)));
}

template <typename Real>
void unsqueeze(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const auto wanted = call.integers_of("axes", 1);
  if (!wanted) call.malformed("axes are missing");
  const std::int64_t rank = from.rank() + static_cast<std::int64_t>(wanted->size());
  std::vector<bool> added(static_cast<std::size_t>(rank), false);
  for (const std::size_t axis : call.axes(*wanted, rank)) {
    if (added[axis]) call.malformed("an axis is added twice");
    added[axis] = true;
  }
  Dims dims;
  auto next = from.dims.begin();
  for (const bool one : added) dims.push_back(one ? 1 : *next++);
  call.emit(reshaped(from, std::move(dims)));
}

template <typename Real>
void transpose(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  Dims reversed(from.dims.size());
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  const auto order = call.axes(call.node.integers("perm", reversed), from.rank());
  call.check_shapes(order.size() == from.dims.size());
  std::vector<bool> seen(order.size(), false);
  const Dims strides = strides_of(from.dims);
  Dims dims;
  std::array<Dims, 1> steps;
  for (const std::size_t axis : order) {
    if (seen[axis]) call.malformed("perm names an axis twice");
    seen[axis] = true;
    dims.push_back(from.dims[axis]);
    steps[0].push_back(strides[axis]);
  }
  call.emit(rearranged(from, dims, [&](auto in, auto out) {
    walk(dims, steps, [&](std::int64_t index, const auto& at) {
      out[static_cast<std::size_t>(index)] = in[static_cast<std::size_t>(at[0])];
    });
  }));
}

template <typename Real>
void expand(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const auto wanted = call.integers(1);
  const auto dims = broadcast_dims(from.dims, wanted);
  call.check_shapes(dims.has_value());
  const std::array steps = {broadcast_strides(from.dims, *dims)};
  call.emit(rearranged(from, *dims, [&](auto in, auto out) {
    walk(*dims, steps, [&](std::int64_t index, const auto& at) {
      out[static_cast<std::size_t>(index)] = in[static_cast<std::size_t>(at[0])];
    });
  }));
}

template <typename Real>
void tile(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const auto repeats = call.integers(1);
  call.check_shapes(repeats.size() == from.dims.size());
  // Each axis is seen as two: how often, then which element.
  Dims doubled;
  Dims dims;
  std::array<Dims, 1> steps;
  const Dims strides = strides_of(from.dims);
  for (std::size_t axis = 0; axis < from.dims.size(); ++axis) {
    doubled.insert(doubled.end(), {repeats[axis], from.dims[axis]});
    steps[0].insert(steps[0].end(), {0, strides[axis]});
    checked_count(std::span(doubled).last(2));
    dims.push_back(repeats[axis] * from.dims[axis]);
  }
  call.emit(rearranged(from, dims, [&](auto in, auto out) {
    walk(doubled, steps, [&](std::int64_t index, const auto& at) {
      out[static_cast<std::size_t>(index)] = in[static_cast<std::size_t>(at[0])];
    });
  }));
}

template <typename Real>
void concat(OperatorCall<Real>& call) {
  const Array<Real>& first = call.input(0);
  const std::size_t axis = call.axis(call.node.integer("axis", 1), first.rank());
  Dims dims = first.dims;
  for (std::size_t index = 1; index < call.inputs.size(); ++index) {
    Dims other = call.input(index).dims;
    if (call.input(index).dtype != first.dtype) call.malformed("the inputs are of different types");
    call.check_shapes(other.size() == dims.size() &&
                      !__builtin_add_overflow(dims[axis], other[axis], &dims[axis]));
    other[axis] = first.dims[axis];
    call.check_shapes(other == first.dims);
  }
  const std::int64_t outer = product(dims, 0, axis);
  const std::int64_t inner = product(dims, axis + 1, dims.size());
  call.emit(rearranged(first, dims, [&](auto, auto out) {
    auto to = out.begin();
    for (std::int64_t row = 0; row < outer && !out.empty(); ++row) {
      for (const auto& part : call.inputs) {
        const std::int64_t length = part->dims[axis] * inner;
        const auto from = [&] {
          if constexpr (std::is_same_v<typename decltype(out)::element_type, Real>)
            return part->reals;
          else
            return part->integers;
        }();
        to = std::copy_n(from.begin() + row * length, length, to);
      }
    }
  }));
}

// The lengths of the pieces of a dimension.
template <typename Real>
Dims split_lengths(const OperatorCall<Real>& call, std::int64_t length) {
  if (const auto given = call.integers_of("split", 1)) return *given;
  const auto pieces = static_cast<std::int64_t>(call.node.outputs.size());
  const std::int64_t count = call.node.integer("num_outputs", pieces);
  if (count < 1 || count > std::max<std::int64_t>(pieces, 1))
    call.malformed("num_outputs does not fit");
  const std::int64_t each = length / count + (length % count != 0);
  Dims lengths(static_cast<std::size_t>(count), each);
  lengths.back() = length - each * (count - 1);
  return lengths;
}

template <typename Real>
void split(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const std::size_t axis = call.axis(call.node.integer("axis", 0), from.rank());
  const Dims lengths = split_lengths(call, from.dims[axis]);
  std::int64_t rest = from.dims[axis];
  for (const std::int64_t length : lengths) {
    if (length < 0 || length > rest) call.malformed("the pieces do not add up to the dimension");
    rest -= length;
  }
  if (rest != 0) call.malformed("the pieces do not add up to the dimension");
  const std::int64_t outer = product(from.dims, 0, axis);
  const std::int64_t inner = product(from.dims, axis + 1, from.dims.size());
  std::int64_t start = 0;
  for (const std::int64_t length : lengths) {
    Dims dims = from.dims;
    dims[axis] = length;
    call.emit(rearranged(from, dims, [&](auto in, auto out) {
      if (out.empty()) return;
      auto to = out.begin();
      for (std::int64_t row = 0; row < outer; ++row) {
        to = std::copy_n(in.begin() + (row * from.dims[axis] + start) * inner, length * inner, to);
      }
    }));
    start += length;
  }
}

template <typename Real>
void shape(OperatorCall<Real>& call) {
  const Dims& dims = call.input(0).dims;
  const std::int64_t rank = call.input(0).rank();
  const auto clamp = [&](std::int64_t place) {
    return std::clamp<std::int64_t>(place < 0 ? place + rank : place, 0, rank);
  };
  const std::int64_t start = clamp(call.node.integer("start", 0));
  const std::int64_t end = std::max(start, clamp(call.node.integer("end", rank)));
  call.emit_integers(DType::k_int64, {end - start}, Dims(dims.begin() + start, dims.begin() + end));
}

template <typename Real>
void size(OperatorCall<Real>& call) {
  call.emit_integers(DType::k_int64, {}, {call.input(0).size()});
}

// Keeps the upper or the lower triangle of the last two dimensions.
template <typename Real>
void triangle(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const bool upper = call.node.integer("upper", 1) != 0;
  const std::int64_t diagonal = call.has(1) ? call.integer_scalar(1) : 0;
  call.check_shapes(from.rank() >= 2);
  const std::int64_t rows = from.dims[from.dims.size() - 2];
  const std::int64_t columns = from.dims.back();
  call.emit(rearranged(from, from.dims, [&](auto in, auto out) {
    for (std::size_t index = 0; index < out.size(); ++index) {
      const auto place = static_cast<std::int64_t>(index);
      const std::int64_t column = place % columns;
      const std::int64_t row = place / columns % rows;
      const bool kept = upper ? diagonal <= column - row : diagonal >= column - row;
      if (kept) out[index] = in[index];
    }
  }));
}

}  // namespace

template <typename Real>
void add_shape_operators(OperatorTable<Real>& table) {
  table[{"Identity", ""}] = identity<Real>;
  table[{"Dropout", ""}] = dropout<Real>;
  table[{"Reshape", ""}] = reshape<Real>;
  table[{"Flatten", ""}] = flatten<Real>;
  table[{"Squeeze", ""}] = squeeze<Real>;
  table[{"Unsqueeze", ""}] = unsqueeze<Real>;
  table[{"Transpose", ""}] = transpose<Real>;
  table[{"Expand", ""}] = expand<Real>;
  table[{"Tile", ""}] = tile<Real>;
  table[{"Concat", ""}] = concat<Real>;
  table[{"Split", ""}] = split<Real>;
  table[{"Shape", ""}] = shape<Real>;
  table[{"Size", ""}] = size<Real>;
  table[{"Trilu", ""}] = triangle<Real>;
}

template void add_shape_operators(OperatorTable<float>&);
template void add_shape_operators(OperatorTable<double>&);

}  // namespace hasten::graph
