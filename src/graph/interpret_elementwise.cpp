// Arithmetic of two or several tensors, element by element.
#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/combine.h"
#include "graph/operator_table.h"
#include "graph/wrapping.h"

namespace hasten::graph {
namespace {

struct Add {
  template <typename T>
  T operator()(T a, T b) const {
    return wrapping_sum(a, b);
  }
};
struct Subtract {
  template <typename T>
  T operator()(T a, T b) const {
    return wrapping_difference(a, b);
  }
};
struct Multiply {
  template <typename T>
  T operator()(T a, T b) const {
    return wrapping_product(a, b);
  }
};
struct Divide {
  template <typename Real>
  Real operator()(Real a, Real b) const {
    return a / b;
  }
  std::int64_t operator()(std::int64_t a, std::int64_t b) const {
    if (b == 0) fail(ErrorCode::k_malformed, "an integer is divided by zero");
    return b == -1 ? wrapping_difference<std::int64_t>(0, a) : a / b;
  }
};
struct Minimum {
  template <typename Real>
  Real operator()(Real a, Real b) const {
    return std::isnan(a) || a < b ? a : b;
  }
  std::int64_t operator()(std::int64_t a, std::int64_t b) const { return std::min(a, b); }
};
struct Maximum {
  template <typename Real>
  Real operator()(Real a, Real b) const {
    return std::isnan(a) || a > b ? a : b;
  }
  std::int64_t operator()(std::int64_t a, std::int64_t b) const { return std::max(a, b); }
};
// The sign of the divisor, as in Python.
struct FloorModulo {
  template <typename Real>
  Real operator()(Real a, Real b) const {
    const Real rest = std::fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }
  std::int64_t operator()(std::int64_t a, std::int64_t b) const {
    if (b == 0) fail(ErrorCode::k_malformed, "an integer is divided by zero");
    if (b == -1) return 0;
    const std::int64_t rest = a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }
};
// The sign of the dividend, as in C.
struct TruncatedModulo {
  template <typename Real>
  Real operator()(Real a, Real b) const {
    return std::fmod(a, b);
  }
  std::int64_t operator()(std::int64_t a, std::int64_t b) const {
    if (b == 0) fail(ErrorCode::k_malformed, "an integer is divided by zero");
    return b == -1 ? 0 : a % b;
  }
};

template <typename Real, typename Operation>
void binary(OperatorCall<Real>& call) {
  call.emit(combined(call, call.input(0), call.input(1), Operation{}));
}

template <typename Real, typename Operation>
void variadic(OperatorCall<Real>& call) {
  Array<Real> result = call.input(0);
  for (std::size_t index = 1; index < call.inputs.size(); ++index) {
    result = combined(call, result, call.input(index), Operation{});
  }
  call.emit(std::move(result));
}

template <typename Real>
void mean(OperatorCall<Real>& call) {
  variadic<Real, Add>(call);
  const Real count = static_cast<Real>(call.inputs.size());
  const Array<Real> sum = std::move(call.outputs[0]);
  std::vector<Real> out(sum.reals.begin(), sum.reals.end());
  for (Real& value : out) value /= count;
  call.outputs[0] = make_reals<Real>(sum.dtype, sum.dims, std::move(out));
}

template <typename Real>
void modulo(OperatorCall<Real>& call) {
  if (call.node.integer("fmod", 0) != 0) return binary<Real, TruncatedModulo>(call);
  binary<Real, FloorModulo>(call);
}

std::int64_t integer_power(std::int64_t base, std::int64_t exponent) {
  if (exponent < 0) return base == 1 ? 1 : (base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0);
  std::uint64_t result = 1;
  for (auto square = static_cast<std::uint64_t>(base); exponent > 0;
       exponent /= 2, square *= square) {
    if (exponent % 2 == 1) result *= square;
  }
  return static_cast<std::int64_t>(result);
}

// The exponent may be of another type than the base, whose type the result has.
template <typename Real>
void power(OperatorCall<Real>& call) {
  const Array<Real>& base = call.input(0);
  const Array<Real>& exponent = call.input(1);
  const auto dims = broadcast_dims(base.dims, exponent.dims);
  call.check_shapes(dims.has_value());
  const std::array strides = {broadcast_strides(base.dims, *dims),
                              broadcast_strides(exponent.dims, *dims)};
  const auto real_exponent = [&](std::int64_t at) {
    const auto index = static_cast<std::size_t>(at);
    return exponent.floating() ? exponent.reals[index]
                               : static_cast<Real>(exponent.integers[index]);
  };
  if (base.floating()) {
    std::vector<Real> out(checked_count(*dims));
    walk(*dims, strides, [&](std::int64_t index, const auto& at) {
      out[static_cast<std::size_t>(index)] =
          std::pow(base.reals[static_cast<std::size_t>(at[0])], real_exponent(at[1]));
    });
    return call.emit_reals(base.dtype, *dims, std::move(out));
  }
  std::vector<std::int64_t> out(checked_count(*dims));
  walk(*dims, strides, [&](std::int64_t index, const auto& at) {
    const std::int64_t value = base.integers[static_cast<std::size_t>(at[0])];
    const std::int64_t raised =
        exponent.floating()
            ? truncated_integer(
                  std::pow(static_cast<double>(value), static_cast<double>(real_exponent(at[1]))))
            : integer_power(value, exponent.integers[static_cast<std::size_t>(at[1])]);
    out[static_cast<std::size_t>(index)] = wrap_integer(raised, base.dtype);
  });
  call.emit_integers(base.dtype, *dims, std::move(out));
}

// Bounds are attributes before opset 11 and inputs since.
template <typename Real>
void clip(OperatorCall<Real>& call) {
  const Array<Real>& from = call.input(0);
  if (from.floating()) {
    constexpr Real infinity = std::numeric_limits<Real>::infinity();
    Real low = call.has(1) ? call.real_scalar(1) : -infinity;
    Real high = call.has(2) ? call.real_scalar(2) : infinity;
    if (call.opset < 11) {
      low = static_cast<Real>(call.node.number("min", std::numeric_limits<float>::lowest()));
      high = static_cast<Real>(call.node.number("max", std::numeric_limits<float>::max()));
    }
    std::vector<Real> out(from.reals.begin(), from.reals.end());
    for (Real& value : out)
      value = std::isnan(value) ? value : std::min(std::max(value, low), high);
    return call.emit_reals(from.dtype, from.dims, std::move(out));
  }
  const std::int64_t low =
      call.has(1) ? call.integer_scalar(1) : std::numeric_limits<std::int64_t>::min();
  const std::int64_t high =
      call.has(2) ? call.integer_scalar(2) : std::numeric_limits<std::int64_t>::max();
  std::vector<std::int64_t> out(from.integers.begin(), from.integers.end());
  for (std::int64_t& value : out) value = std::min(std::max(value, low), high);
  call.emit_integers(from.dtype, from.dims, std::move(out));
}

}  // namespace

template <typename Real>
void add_elementwise_operators(OperatorTable<Real>& table) {
  table[{"Add", ""}] = binary<Real, Add>;
  table[{"Sub", ""}] = binary<Real, Subtract>;
  table[{"Mul", ""}] = binary<Real, Multiply>;
  table[{"Div", ""}] = binary<Real, Divide>;
  table[{"Mod", ""}] = modulo<Real>;
  table[{"Pow", ""}] = power<Real>;
  table[{"Min", ""}] = variadic<Real, Minimum>;
  table[{"Max", ""}] = variadic<Real, Maximum>;
  table[{"Sum", ""}] = variadic<Real, Add>;
  table[{"Mean", ""}] = mean<Real>;
  table[{"Clip", ""}] = clip<Real>;
}

template void add_elementwise_operators(OperatorTable<float>&);
template void add_elementwise_operators(OperatorTable<double>&);

}  // namespace hasten::graph
