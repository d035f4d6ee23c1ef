// Reductions along axes, running sums, and the places of largest elements.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "graph/broadcast.h"
#include "graph/operator_table.h"
#include "graph/wrapping.h"

namespace hasten::graph {
namespace {

// Which axes go, and the shapes with and without them.
struct ReducePlan {
  Dims kept_dims;    // of the result, reduced dimensions as 1
  Dims result_dims;  // as the node asks for them
  Dims steps;        // through the result while walking over the input: 0 along reduced axes
  std::int64_t reduced_count = 1;
  bool nothing = false;  // no axis, and the node says that this means to do nothing
};

template <typename Real>
ReducePlan plan_reduction(const OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const Dims wanted = call.integers_of("axes", 1).value_or(Dims{});
  ReducePlan plan;
  plan.nothing = wanted.empty() && call.node.integer("noop_with_empty_axes", 0) != 0;
  std::vector<bool> reduced(from.dims.size(), wanted.empty() && !plan.nothing);
  for (const std::size_t axis : call.axes(wanted, from.rank())) reduced[axis] = true;
  const bool keep = call.node.integer("keepdims", 1) != 0;
  plan.kept_dims = from.dims;
  for (std::size_t axis = 0; axis < from.dims.size(); ++axis) {
    if (reduced[axis]) {
      plan.reduced_count *= from.dims[axis];
      plan.kept_dims[axis] = 1;
    }
    if (keep || !reduced[axis]) plan.result_dims.push_back(plan.kept_dims[axis]);
  }
  plan.steps = broadcast_strides(plan.kept_dims, from.dims);
  return plan;
}

// result = finish(add(... add(first, x_1) ..., x_n), n)
struct SumOf {
  template <typename T>
  static T first() {
    return 0;
  }
  template <typename T>
  static T add(T sum, T x) {
    return wrapping_sum(sum, x);
  }
  template <typename T>
  static T finish(T sum, std::int64_t) {
    return sum;
  }
};
struct MeanOf : SumOf {
  template <typename T>
  static T finish(T sum, std::int64_t count) {
    if constexpr (std::is_integral_v<T>)
      return count == 0 ? 0 : sum / count;
    else
      return sum / static_cast<T>(count);
  }
};
struct MaxOf {
  template <typename T>
  static T first() {
    return std::is_integral_v<T> ? std::numeric_limits<T>::min()
                                 : -std::numeric_limits<T>::infinity();
  }
  template <typename T>
  static T add(T best, T x) {
    return x > best || x != x ? x : best;
  }
  template <typename T>
  static T finish(T best, std::int64_t) {
    return best;
  }
};
struct MinOf {
  template <typename T>
  static T first() {
    return std::is_integral_v<T> ? std::numeric_limits<T>::max()
                                 : std::numeric_limits<T>::infinity();
  }
  template <typename T>
  static T add(T best, T x) {
    return x < best || x != x ? x : best;
  }
  template <typename T>
  static T finish(T best, std::int64_t) {
    return best;
  }
};
struct ProductOf {
  template <typename T>
  static T first() {
    return 1;
  }
  template <typename T>
  static T add(T all, T x) {
    return wrapping_product(all, x);
  }
  template <typename T>
  static T finish(T all, std::int64_t) {
    return all;
  }
};
struct NormOne : SumOf {
  template <typename T>
  static T add(T sum, T x) {
    return wrapping_sum(sum, x < 0 ? wrapping_difference(T{0}, x) : x);
  }
};
struct SumOfSquares : SumOf {
  template <typename T>
  static T add(T sum, T x) {
    return wrapping_sum(sum, wrapping_product(x, x));
  }
};
struct NormTwo : SumOfSquares {
  template <typename T>
  static T finish(T sum, std::int64_t) {
    return static_cast<T>(
        std::sqrt(static_cast<std::conditional_t<std::is_integral_v<T>, double, T>>(sum)));
  }
};
struct LogOfSum : SumOf {
  template <typename T>
  static T finish(T sum, std::int64_t) {
    return static_cast<T>(
        std::log(static_cast<std::conditional_t<std::is_integral_v<T>, double, T>>(sum)));
  }
};

template <typename Reduction, typename T, typename Out>
void reduce_elements(std::span<const T> in, Out out, const Dims& dims, const ReducePlan& plan,
                     DType dtype) {
  for (T& value : out) value = Reduction::template first<T>();
  walk(dims, std::array{plan.steps}, [&](std::int64_t index, const auto& at) {
    T& target = out[static_cast<std::size_t>(at[0])];
    target = Reduction::add(target, in[static_cast<std::size_t>(index)]);
  });
  for (T& value : out) {
    value = Reduction::finish(value, plan.reduced_count);
    if constexpr (std::is_integral_v<T>) {
      const bool empty = plan.reduced_count == 0;
      value = empty ? clamp_integer(value, dtype) : wrap_integer(value, dtype);
    }
  }
}

template <typename Real, typename Reduction>
void reduce(OperatorCall<Real>& call) {
  const ReducePlan plan = plan_reduction(call);
  const Array<Real>& from = call.input(0);
  if (plan.nothing) return call.emit(from);
  Array<Real> result = rearranged(from, plan.kept_dims, [&](auto in, auto out) {
    reduce_elements<Reduction>(in, out, from.dims, plan, from.dtype);
  });
  call.emit(reshaped(result, plan.result_dims));
}

// log(sum(exp(x))), taken about the maximum so that it does not overflow.
template <typename Real>
void reduce_log_sum_exp(OperatorCall<Real>& call) {
  const ReducePlan plan = plan_reduction(call);
  const Array<Real>& from = call.input(0);
  const auto in = call.reals(0);
  std::vector<Real> peak(checked_count(plan.kept_dims));
  reduce_elements<MaxOf>(in, std::span(peak), from.dims, plan, from.dtype);
  std::vector<Real> sum(peak.size(), 0);
  walk(from.dims, std::array{plan.steps}, [&](std::int64_t index, const auto& at) {
    const auto place = static_cast<std::size_t>(at[0]);
    const Real top = std::isfinite(peak[place]) ? peak[place] : 0;
    sum[place] += std::exp(in[static_cast<std::size_t>(index)] - top);
  });
  for (std::size_t k = 0; k < sum.size(); ++k) {
    sum[k] = std::log(sum[k]) + (std::isfinite(peak[k]) ? peak[k] : 0);
  }
  call.emit_reals(from.dtype, plan.result_dims, std::move(sum));
}

// A tensor seen as [outer, length, inner] around one axis.
struct AxisView {
  std::int64_t outer = 1;
  std::int64_t length = 1;
  std::int64_t inner = 1;
};

AxisView view_along(const Dims& dims, std::size_t axis) {
  AxisView view;
  for (std::size_t k = 0; k < axis; ++k) view.outer *= dims[k];
  view.length = dims[axis];
  for (std::size_t k = axis + 1; k < dims.size(); ++k) view.inner *= dims[k];
  return view;
}

template <typename Real, bool largest>
void arg_extreme(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const std::size_t axis = call.axis(call.node.integer("axis", 0), from.rank());
  const bool last_wins = call.node.integer("select_last_index", 0) != 0;
  call.check_shapes(from.dims[axis] > 0);
  checked_count(from.dims);
  const AxisView view = view_along(from.dims, axis);
  std::vector<std::int64_t> out;
  const auto run = [&](auto in) {
    for (std::int64_t row = 0; row < view.outer * view.inner; ++row) {
      const std::int64_t start = row / view.inner * view.length * view.inner + row % view.inner;
      std::int64_t best = 0;
      for (std::int64_t k = 1; k < view.length; ++k) {
        const auto x = in[static_cast<std::size_t>(start + k * view.inner)];
        const auto top = in[static_cast<std::size_t>(start + best * view.inner)];
        if ((largest ? x > top : x < top) || (last_wins && x == top)) best = k;
      }
      out.push_back(best);
    }
  };
  if (from.size() > 0) from.floating() ? run(from.reals) : run(from.integers);
  Dims dims = from.dims;
  dims[axis] = 1;
  if (call.node.integer("keepdims", 1) == 0)
    dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis));
  call.emit_integers(DType::k_int64, std::move(dims), std::move(out));
}

template <typename Real>
void cumulative_sum(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const std::size_t axis = call.axis(call.integer_scalar(1), from.rank());
  const bool exclusive = call.node.integer("exclusive", 0) != 0;
  const bool reverse = call.node.integer("reverse", 0) != 0;
  call.emit(rearranged(from, from.dims, [&](auto in, auto out) {
    if (out.empty()) return;
    const AxisView view = view_along(from.dims, axis);
    for (std::int64_t row = 0; row < view.outer * view.inner; ++row) {
      const std::int64_t start = row / view.inner * view.length * view.inner + row % view.inner;
      typename decltype(out)::element_type sum = 0;
      for (std::int64_t k = 0; k < view.length; ++k) {
        const std::int64_t place = reverse ? view.length - 1 - k : k;
        const auto index = static_cast<std::size_t>(start + place * view.inner);
        if (exclusive) out[index] = sum;
        sum = wrapping_sum(sum, in[index]);
        if (!exclusive) out[index] = sum;
      }
    }
  }));
}

template <typename Real, typename Elements>
std::vector<std::int64_t> best_places(Elements in, std::int64_t start, const AxisView& view,
                                      std::int64_t count, bool largest) {
  std::vector<std::int64_t> places(static_cast<std::size_t>(view.length));
  std::iota(places.begin(), places.end(), 0);
  std::stable_sort(places.begin(), places.end(), [&](std::int64_t a, std::int64_t b) {
    const auto x = in[static_cast<std::size_t>(start + a * view.inner)];
    const auto y = in[static_cast<std::size_t>(start + b * view.inner)];
    return largest ? x > y : x < y;
  });
  places.resize(static_cast<std::size_t>(count));
  return places;
}

template <typename Real>
void top_k(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  const std::size_t axis = call.axis(call.node.integer("axis", -1), from.rank());
  const std::int64_t count = call.opset < 10 ? call.node.integer("k", -1) : call.integer_scalar(1);
  const bool largest = call.node.integer("largest", 1) != 0;
  call.check_shapes(count >= 0 && count <= from.dims[axis]);
  Dims dims = from.dims;
  dims[axis] = count;
  std::vector<std::int64_t> indices(checked_count(dims));
  Array<Real> values = rearranged(from, dims, [&](auto in, auto out) {
    if (out.empty()) return;
    const AxisView view = view_along(from.dims, axis);
    for (std::int64_t row = 0; row < view.outer * view.inner; ++row) {
      const std::int64_t start = row / view.inner * view.length * view.inner + row % view.inner;
      const auto places = best_places<Real>(in, start, view, count, largest);
      for (std::int64_t k = 0; k < count; ++k) {
        const auto target = static_cast<std::size_t>((row / view.inner * count + k) * view.inner +
                                                     row % view.inner);
        indices[target] = places[static_cast<std::size_t>(k)];
        out[target] = in[static_cast<std::size_t>(start + indices[target] * view.inner)];
      }
    }
  });
  call.emit(std::move(values));
  call.emit_integers(DType::k_int64, std::move(dims), std::move(indices));
}

// The mean over all axes from the third on.
template <typename Real>
void global_average(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  call.check_shapes(from.rank() >= 3);
  const auto in = call.reals(0);
  Dims dims(from.dims.size(), 1);
  dims[0] = from.dims[0];
  dims[1] = from.dims[1];
  std::vector<Real> out(checked_count(dims));
  const std::size_t size = out.empty() ? 0 : in.size() / out.size();
  for (std::size_t row = 0; row < out.size(); ++row) {
    Real sum = 0;
    for (std::size_t k = 0; k < size; ++k) sum += in[row * size + k];
    out[row] = sum / static_cast<Real>(size);
  }
  call.emit_reals(from.dtype, std::move(dims), std::move(out));
}

}  // namespace

template <typename Real>
void add_reduce_operators(OperatorTable<Real>& table) {
  table[{"ReduceSum", ""}] = reduce<Real, SumOf>;
  table[{"ReduceMean", ""}] = reduce<Real, MeanOf>;
  table[{"ReduceMax", ""}] = reduce<Real, MaxOf>;
  table[{"ReduceMin", ""}] = reduce<Real, MinOf>;
  table[{"ReduceProd", ""}] = reduce<Real, ProductOf>;
  table[{"ReduceL1", ""}] = reduce<Real, NormOne>;
  table[{"ReduceL2", ""}] = reduce<Real, NormTwo>;
  table[{"ReduceSumSquare", ""}] = reduce<Real, SumOfSquares>;
  table[{"ReduceLogSum", ""}] = reduce<Real, LogOfSum>;
  table[{"ReduceLogSumExp", ""}] = reduce_log_sum_exp<Real>;
  table[{"GlobalAveragePool", ""}] = global_average<Real>;
  table[{"ArgMax", ""}] = arg_extreme<Real, true>;
  table[{"ArgMin", ""}] = arg_extreme<Real, false>;
  table[{"CumSum", ""}] = cumulative_sum<Real>;
  table[{"TopK", ""}] = top_k<Real>;
}

template void add_reduce_operators(OperatorTable<float>&);
template void add_reduce_operators(OperatorTable<double>&);

}  // namespace hasten::graph
