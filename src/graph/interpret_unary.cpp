// Functions of one tensor, element by element.
#include <algorithm>
#include <cmath>

#include "graph/operator_table.h"
#include "graph/wrapping.h"

namespace hasten::graph {
namespace {

template <typename Real, Real (*function)(Real)>
void unary(OperatorCall<Real>& call) {
  const auto from = call.reals(0);
  std::vector<Real> out(from.size());
  std::transform(from.begin(), from.end(), out.begin(), function);
  call.emit_reals(call.input(0).dtype, call.input(0).dims, std::move(out));
}

// Of floating-point numbers and of integers.
template <typename Real, Real (*real)(Real), std::int64_t (*integer)(std::int64_t)>
void unary_any(OperatorCall<Real>& call) {
  if (call.input(0).floating()) return unary<Real, real>(call);
  const Array<Real>& from = call.input(0);
  std::vector<std::int64_t> out;
  for (const std::int64_t value : from.integers) {
    out.push_back(wrap_integer(integer(value), from.dtype));
  }
  call.emit_integers(from.dtype, from.dims, std::move(out));
}

std::int64_t negate(std::int64_t value) {
  return wrapping_difference<std::int64_t>(0, value);
}
std::int64_t absolute(std::int64_t value) {
  return value < 0 ? negate(value) : value;
}
std::int64_t sign_of(std::int64_t value) {
  return (value > 0) - (value < 0);
}

template <typename Real>
Real negate_real(Real x) {
  return -x;
}
template <typename Real>
Real absolute_real(Real x) {
  return std::abs(x);
}
template <typename Real>
Real sign_real(Real x) {
  return std::isnan(x) ? x : static_cast<Real>((x > 0) - (x < 0));
}
template <typename Real>
Real square_root(Real x) {
  return std::sqrt(x);
}
template <typename Real>
Real exponential(Real x) {
  return std::exp(x);
}
template <typename Real>
Real logarithm(Real x) {
  return std::log(x);
}
template <typename Real>
Real reciprocal(Real x) {
  return 1 / x;
}
template <typename Real>
Real floor_of(Real x) {
  return std::floor(x);
}
template <typename Real>
Real ceil_of(Real x) {
  return std::ceil(x);
}
template <typename Real>
Real round_even(Real x) {
  return std::nearbyint(x);
}
template <typename Real>
Real sine(Real x) {
  return std::sin(x);
}
template <typename Real>
Real cosine(Real x) {
  return std::cos(x);
}
template <typename Real>
Real tangent(Real x) {
  return std::tan(x);
}
template <typename Real>
Real error_function(Real x) {
  return std::erf(x);
}
template <typename Real>
Real hyperbolic_tangent(Real x) {
  return std::tanh(x);
}

template <typename Real>
Real hyperbolic_sine(Real x) {
  return std::sinh(x);
}
template <typename Real>
Real hyperbolic_cosine(Real x) {
  return std::cosh(x);
}
template <typename Real>
Real arc_sine(Real x) {
  return std::asin(x);
}
template <typename Real>
Real arc_cosine(Real x) {
  return std::acos(x);
}
template <typename Real>
Real arc_tangent(Real x) {
  return std::atan(x);
}
template <typename Real>
Real area_sine(Real x) {
  return std::asinh(x);
}
template <typename Real>
Real area_cosine(Real x) {
  return std::acosh(x);
}
template <typename Real>
Real area_tangent(Real x) {
  return std::atanh(x);
}

}  // namespace

template <typename Real>
void add_unary_operators(OperatorTable<Real>& table) {
  table[{"Neg", ""}] = unary_any<Real, negate_real<Real>, negate>;
  table[{"Abs", ""}] = unary_any<Real, absolute_real<Real>, absolute>;
  table[{"Sign", ""}] = unary_any<Real, sign_real<Real>, sign_of>;
  table[{"Sqrt", ""}] = unary<Real, square_root<Real>>;
  table[{"Exp", ""}] = unary<Real, exponential<Real>>;
  table[{"Log", ""}] = unary<Real, logarithm<Real>>;
  table[{"Reciprocal", ""}] = unary<Real, reciprocal<Real>>;
  table[{"Floor", ""}] = unary<Real, floor_of<Real>>;
  table[{"Ceil", ""}] = unary<Real, ceil_of<Real>>;
  table[{"Round", ""}] = unary<Real, round_even<Real>>;
  table[{"Sin", ""}] = unary<Real, sine<Real>>;
  table[{"Cos", ""}] = unary<Real, cosine<Real>>;
  table[{"Tan", ""}] = unary<Real, tangent<Real>>;
  table[{"Sinh", ""}] = unary<Real, hyperbolic_sine<Real>>;
  table[{"Cosh", ""}] = unary<Real, hyperbolic_cosine<Real>>;
  table[{"Asin", ""}] = unary<Real, arc_sine<Real>>;
  table[{"Acos", ""}] = unary<Real, arc_cosine<Real>>;
  table[{"Atan", ""}] = unary<Real, arc_tangent<Real>>;
  table[{"Asinh", ""}] = unary<Real, area_sine<Real>>;
  table[{"Acosh", ""}] = unary<Real, area_cosine<Real>>;
  table[{"Atanh", ""}] = unary<Real, area_tangent<Real>>;
  table[{"Erf", ""}] = unary<Real, error_function<Real>>;
  table[{"Tanh", ""}] = unary<Real, hyperbolic_tangent<Real>>;
}

template void add_unary_operators(OperatorTable<float>&);
template void add_unary_operators(OperatorTable<double>&);

}  // namespace hasten::graph
