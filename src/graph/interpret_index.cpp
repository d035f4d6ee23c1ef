// Elements chosen by index: slices, gathers, scatters, padding.
#include <algorithm>
#include <limits>

#include "graph/broadcast.h"
#include "graph/operator_table.h"
#include "graph/wrapping.h"

namespace hasten::graph {
namespace {

std::int64_t product(std::span<const std::int64_t> dims) {
  return element_count(dims).value_or(-1);
}

// An index into a dimension, counted from the end when negative.
template <typename Real>
std::int64_t checked_index(const OperatorCall<Real>& call, std::int64_t index,
                           std::int64_t length) {
  const std::int64_t place = index < 0 ? index + length : index;
  if (place < 0 || place >= length) {
    call.malformed("index " + std::to_string(index) + " is outside a dimension of " +
                   std::to_string(length));
  }
  return place;
}

template <typename Real>
void gather(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const auto indices = call.integers(1);
  const std::size_t axis = call.axis(call.node.integer("axis", 0), from.rank());
  const std::span<const std::int64_t> all(from.dims);
  Dims dims(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(axis));
  dims.insert(dims.end(), call.input(1).dims.begin(), call.input(1).dims.end());
  dims.insert(dims.end(), all.begin() + static_cast<std::ptrdiff_t>(axis) + 1, all.end());
  const std::int64_t outer = product(all.first(axis));
  const std::int64_t inner = product(all.subspan(axis + 1));
  const std::int64_t length = from.dims[axis];
  call.emit(rearranged(from, dims, [&](auto in, auto out) {
    if (out.empty()) return;
    auto to = out.begin();
    for (std::int64_t row = 0; row < outer; ++row) {
      for (const std::int64_t index : indices) {
        const std::int64_t place = checked_index(call, index, length);
        to = std::copy_n(in.begin() + (row * length + place) * inner, inner, to);
      }
    }
  }));
}

template <typename Real>
void gather_elements(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const auto indices = call.integers(1);
  const Dims& dims = call.input(1).dims;
  const std::size_t axis = call.axis(call.node.integer("axis", 0), from.rank());
  call.check_shapes(dims.size() == from.dims.size());
  for (std::size_t other = 0; other < dims.size(); ++other) {
    call.check_shapes(other == axis || dims[other] <= from.dims[other]);
  }
  std::array<Dims, 1> steps = {strides_of(from.dims)};
  const std::int64_t step = std::exchange(steps[0][axis], 0);
  call.emit(rearranged(from, dims, [&](auto in, auto out) {
    walk(dims, steps, [&](std::int64_t index, const auto& at) {
      const std::int64_t place =
          checked_index(call, indices[static_cast<std::size_t>(index)], from.dims[axis]);
      out[static_cast<std::size_t>(index)] = in[static_cast<std::size_t>(at[0] + place * step)];
    });
  }));
}

// The offset that a tuple of indices leads to; tuple k addresses the axes from `first` on.
template <typename Real>
std::int64_t tuple_offset(const OperatorCall<Real>& call, std::span<const std::int64_t> tuple,
                          const Dims& dims, std::size_t first) {
  const Dims strides = strides_of(dims);
  std::int64_t offset = 0;
  for (std::size_t k = 0; k < tuple.size(); ++k) {
    offset += checked_index(call, tuple[k], dims[first + k]) * strides[first + k];
  }
  return offset;
}

template <typename Real>
void gather_nd(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const auto indices = call.integers(1);
  const Dims& index_dims = call.input(1).dims;
  const std::int64_t batch_rank = call.node.integer("batch_dims", 0);
  call.check_shapes(!index_dims.empty() && batch_rank >= 0 && batch_rank < call.input(1).rank() &&
                    index_dims.back() >= 1 && index_dims.back() <= from.rank() - batch_rank);
  const auto batch = static_cast<std::size_t>(batch_rank);
  const auto depth = static_cast<std::size_t>(index_dims.back());
  call.check_shapes(
      std::equal(index_dims.begin(), index_dims.begin() + batch_rank, from.dims.begin()));
  Dims dims(index_dims.begin(), index_dims.end() - 1);
  dims.insert(dims.end(), from.dims.begin() + static_cast<std::ptrdiff_t>(batch + depth),
              from.dims.end());
  const std::int64_t inner = product(std::span(from.dims).subspan(batch + depth));
  const std::int64_t batch_size = product(std::span(from.dims).subspan(batch));
  const std::int64_t tuples = product(std::span(index_dims).first(index_dims.size() - 1));
  const std::int64_t batches = product(std::span(index_dims).first(batch));
  call.emit(rearranged(from, dims, [&](auto in, auto out) {
    if (out.empty()) return;
    auto to = out.begin();
    for (std::int64_t tuple = 0; tuple < tuples; ++tuple) {
      const auto place = indices.subspan(static_cast<std::size_t>(tuple) * depth, depth);
      const std::int64_t start = tuple / (tuples / batches) * batch_size;
      to = std::copy_n(in.begin() + start + tuple_offset(call, place, from.dims, batch), inner, to);
    }
  }));
}

// How a scattered element meets the one that is there.
enum class Reduction { k_none, k_add, k_mul, k_min, k_max };

template <typename Real>
Reduction reduction_of(const OperatorCall<Real>& call) {
  const std::string name = call.node.text("reduction", "none");
  if (name == "none") return Reduction::k_none;
  if (name == "add") return Reduction::k_add;
  if (name == "mul") return Reduction::k_mul;
  if (name == "min") return Reduction::k_min;
  if (name == "max") return Reduction::k_max;
  call.unsupported("reduction \"" + name + '"');
}

template <typename T>
void reduce_into(T& target, T value, Reduction reduction) {
  switch (reduction) {
    case Reduction::k_none:
      target = value;
      break;
    case Reduction::k_add:
      target = wrapping_sum(target, value);
      break;
    case Reduction::k_mul:
      target = wrapping_product(target, value);
      break;
    case Reduction::k_min:
      target = std::min(target, value);
      break;
    case Reduction::k_max:
      target = std::max(target, value);
      break;
  }
}

template <typename Real, typename T>
std::span<const T> same_kind(const Array<Real>& array, std::span<T>) {
  if constexpr (std::is_same_v<T, Real>)
    return array.reals;
  else
    return array.integers;
}

template <typename Real>
void scatter_elements(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const auto indices = call.integers(1);
  const Array<Real>& updates = call.input(2);
  const std::size_t axis = call.axis(call.node.integer("axis", 0), from.rank());
  const Reduction reduction = reduction_of(call);
  const Dims& dims = updates.dims;
  call.check_shapes(dims == call.input(1).dims && dims.size() == from.dims.size() &&
                    updates.dtype == from.dtype);
  for (std::size_t other = 0; other < dims.size(); ++other) {
    call.check_shapes(other == axis || dims[other] <= from.dims[other]);
  }
  std::array<Dims, 1> steps = {strides_of(from.dims)};
  const std::int64_t step = std::exchange(steps[0][axis], 0);
  call.emit(rearranged(from, from.dims, [&](auto in, auto out) {
    std::copy(in.begin(), in.end(), out.begin());
    const auto values = same_kind(updates, out);
    walk(dims, steps, [&](std::int64_t index, const auto& at) {
      const std::int64_t place =
          checked_index(call, indices[static_cast<std::size_t>(index)], from.dims[axis]);
      reduce_into(out[static_cast<std::size_t>(at[0] + place * step)],
                  values[static_cast<std::size_t>(index)], reduction);
    });
  }));
}

template <typename Real>
void scatter_nd(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const auto indices = call.integers(1);
  const Dims& index_dims = call.input(1).dims;
  const Array<Real>& updates = call.input(2);
  const Reduction reduction = reduction_of(call);
  call.check_shapes(!index_dims.empty() && index_dims.back() >= 0 &&
                    index_dims.back() <= from.rank() && updates.dtype == from.dtype);
  const auto depth = static_cast<std::size_t>(index_dims.back());
  Dims dims(index_dims.begin(), index_dims.end() - 1);
  dims.insert(dims.end(), from.dims.begin() + index_dims.back(), from.dims.end());
  call.check_shapes(dims == updates.dims);
  const std::int64_t inner = product(std::span(from.dims).subspan(depth));
  const std::int64_t tuples = product(std::span(index_dims).first(index_dims.size() - 1));
  call.emit(rearranged(from, from.dims, [&](auto in, auto out) {
    std::copy(in.begin(), in.end(), out.begin());
    const auto values = same_kind(updates, out);
    for (std::int64_t tuple = 0; tuple < tuples && !values.empty(); ++tuple) {
      const auto place = indices.subspan(static_cast<std::size_t>(tuple) * depth, depth);
      const std::int64_t start = tuple_offset(call, place, from.dims, 0);
      for (std::int64_t k = 0; k < inner; ++k) {
        reduce_into(out[static_cast<std::size_t>(start + k)],
                    values[static_cast<std::size_t>(tuple * inner + k)], reduction);
      }
    }
  }));
}

struct SliceRange {
  std::int64_t start = 0;
  std::int64_t step = 1;
  std::int64_t count = 0;
};

// numpy's rules: ends are clamped, negative ones counted from the end.
SliceRange slice_range(std::int64_t start, std::int64_t end, std::int64_t step,
                       std::int64_t length) {
  const std::int64_t low = step > 0 ? 0 : -1;
  const std::int64_t high = step > 0 ? length : length - 1;
  const auto place = [&](std::int64_t value) {
    return std::clamp(value < 0 ? value + length : value, low, high);
  };
  const std::int64_t first = place(start);
  const std::int64_t last = place(end);
  const std::int64_t distance = step > 0 ? last - first : first - last;
  if (distance <= 0) return {first, step, 0};
  const auto size =
      step > 0 ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
  const auto count =
      static_cast<std::int64_t>((static_cast<std::uint64_t>(distance) - 1) / size) + 1;
  return {first, count == 1 ? 1 : step,
          count};  // the step of one element is of no use, and may be huge
}

// Bounds are attributes before opset 10 and inputs since.
template <typename Real>
void slice(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const auto starts = call.integers_of("starts", 1);
  const auto ends = call.integers_of("ends", 2);
  if (!starts || !ends || starts->size() != ends->size())
    call.malformed("starts and ends do not fit");
  Dims leading(starts->size());
  for (std::size_t k = 0; k < leading.size(); ++k) leading[k] = static_cast<std::int64_t>(k);
  const auto axes = call.distinct_axes(call.integers_of("axes", 3).value_or(leading), from.rank());
  const Dims steps = call.integers_of("steps", 4).value_or(Dims(starts->size(), 1));
  if (axes.size() != starts->size() || steps.size() != starts->size())
    call.malformed("axes or steps do not fit");
  Dims dims = from.dims;
  std::array<Dims, 1> strides = {strides_of(from.dims)};
  std::int64_t offset = 0;
  for (std::size_t k = 0; k < axes.size(); ++k) {
    if (steps[k] == 0) call.malformed("a step of 0");
    const SliceRange range = slice_range((*starts)[k], (*ends)[k], steps[k], from.dims[axes[k]]);
    dims[axes[k]] = range.count;
    if (range.count == 0) continue;
    offset += range.start * strides[0][axes[k]];
    strides[0][axes[k]] *= range.step;
  }
  call.emit(rearranged(from, dims, [&](auto in, auto out) {
    walk(dims, strides, [&](std::int64_t index, const auto& at) {
      out[static_cast<std::size_t>(index)] = in[static_cast<std::size_t>(offset + at[0])];
    });
  }));
}

// Where an element of a padded dimension comes from; -1: from nowhere.
std::int64_t padding_source(std::int64_t place, std::int64_t length, const std::string& mode) {
  if (place >= 0 && place < length) return place;
  if (mode == "edge") return std::clamp<std::int64_t>(place, 0, length - 1);
  if (mode == "wrap") return (place % length + length) % length;
  if (mode != "reflect") return -1;
  if (length == 1) return 0;
  const std::int64_t period = 2 * (length - 1);
  const std::int64_t folded = (place % period + period) % period;
  return folded < length ? folded : period - folded;
}

// Sizes and value are attributes before opset 11 and inputs since.
template <typename Real>
void pad(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const std::string mode = call.node.text("mode", "constant");
  const auto pads = call.integers_of("pads", 1);
  Dims all(from.dims.size());
  for (std::size_t k = 0; k < all.size(); ++k) all[k] = static_cast<std::int64_t>(k);
  const auto axes = call.distinct_axes(call.integers_of("axes", 3).value_or(all), from.rank());
  call.check_shapes(pads && pads->size() == 2 * axes.size());
  Dims before(from.dims.size(), 0);
  Dims dims = from.dims;
  for (std::size_t k = 0; k < axes.size(); ++k) {
    const std::int64_t first = (*pads)[k];
    const std::int64_t last = (*pads)[k + axes.size()];
    std::int64_t& dim = dims[axes[k]];
    call.check_shapes(!__builtin_add_overflow(dim, first, &dim) &&
                      !__builtin_add_overflow(dim, last, &dim));
    call.check_shapes(mode == "constant" || from.dims[axes[k]] > 0);
    before[axes[k]] = first;
  }
  const Dims strides = strides_of(from.dims);
  call.emit(rearranged(from, dims, [&](auto in, auto out) {
    using Element = typename decltype(out)::element_type;
    Element fill = 0;
    if constexpr (std::is_same_v<Element, Real>) {
      fill = call.has(2) ? call.real_scalar(2) : static_cast<Real>(call.node.number("value", 0));
    } else if (call.has(2)) {
      fill = call.integer_scalar(2);
    }
    for (std::size_t index = 0; index < out.size(); ++index) {
      auto rest = static_cast<std::int64_t>(index);
      std::int64_t offset = 0;
      bool inside = true;
      for (std::size_t axis = dims.size(); axis-- > 0; rest /= dims[axis]) {
        const std::int64_t source =
            padding_source(rest % dims[axis] - before[axis], from.dims[axis], mode);
        inside = inside && source >= 0;
        offset += source * strides[axis];
      }
      out[index] = inside ? in[static_cast<std::size_t>(offset)] : fill;
    }
  }));
}

template <typename Real>
void non_zero(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  std::vector<std::int64_t> found;
  for (std::size_t index = 0; index < static_cast<std::size_t>(from.size()); ++index) {
    const bool set = from.floating() ? from.reals[index] != 0 : from.integers[index] != 0;
    if (set) found.push_back(static_cast<std::int64_t>(index));
  }
  const Dims strides = strides_of(from.dims);
  std::vector<std::int64_t> out;
  for (std::size_t axis = 0; axis < from.dims.size(); ++axis) {
    for (const std::int64_t index : found) out.push_back(index / strides[axis] % from.dims[axis]);
  }
  call.emit_integers(DType::k_int64, {from.rank(), static_cast<std::int64_t>(found.size())},
                     std::move(out));
}

}  // namespace

template <typename Real>
void add_index_operators(OperatorTable<Real>& table) {
  table[{"Gather", ""}] = gather<Real>;
  table[{"GatherElements", ""}] = gather_elements<Real>;
  table[{"GatherND", ""}] = gather_nd<Real>;
  table[{"ScatterElements", ""}] = scatter_elements<Real>;
  table[{"Scatter", ""}] = scatter_elements<Real>;
  table[{"ScatterND", ""}] = scatter_nd<Real>;
  table[{"Slice", ""}] = slice<Real>;
  table[{"Pad", ""}] = pad<Real>;
  table[{"NonZero", ""}] = non_zero<Real>;
}

template void add_index_operators(OperatorTable<float>&);
template void add_index_operators(OperatorTable<double>&);

}  // namespace hasten::graph
