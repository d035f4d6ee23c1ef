// Comparisons, booleans, choices and conversions of type.
#include <algorithm>
#include <cmath>
#include <functional>

#include "base/onnx_dtype.h"
#include "graph/combine.h"
#include "graph/operator_table.h"

namespace hasten::graph {
namespace {

struct Equal {
  template <typename T>
  bool operator()(T a, T b) const {
    return a == b;
  }
};
struct Less {
  template <typename T>
  bool operator()(T a, T b) const {
    return a < b;
  }
};
struct LessOrEqual {
  template <typename T>
  bool operator()(T a, T b) const {
    return a <= b;
  }
};
struct Greater {
  template <typename T>
  bool operator()(T a, T b) const {
    return a > b;
  }
};
struct GreaterOrEqual {
  template <typename T>
  bool operator()(T a, T b) const {
    return a >= b;
  }
};
struct And {
  template <typename T>
  bool operator()(T a, T b) const {
    return a != 0 && b != 0;
  }
};
struct Or {
  template <typename T>
  bool operator()(T a, T b) const {
    return a != 0 || b != 0;
  }
};
struct Xor {
  template <typename T>
  bool operator()(T a, T b) const {
    return (a != 0) != (b != 0);
  }
};

template <typename Real, typename Operation>
void compare(OperatorCall<Real>& call) {
  const Array<Real>& a = call.input(0);
  const Array<Real>& b = call.input(1);
  Dims dims = combined_dims(call, a, b);
  auto values = a.floating() ? combined_elements<std::int64_t>(dims, a.reals, a.dims, b.reals,
                                                               b.dims, Operation{})
                             : combined_elements<std::int64_t>(dims, a.integers, a.dims, b.integers,
                                                               b.dims, Operation{});
  call.emit_integers(DType::k_bool, std::move(dims), std::move(values));
}

template <typename Real, typename Operation>
void bitwise(OperatorCall<Real>& call) {
  if (call.input(0).floating() || call.input(1).floating())
    call.malformed("bits of floating-point numbers");
  call.emit(combined_integers(call, call.input(0), call.input(1), Operation{}));
}

template <typename Real>
void bitwise_not(OperatorCall<Real>& call) {
  std::vector<std::int64_t> out;
  for (const std::int64_t value : call.integers(0)) {
    out.push_back(wrap_integer(~value, call.input(0).dtype));
  }
  call.emit_integers(call.input(0).dtype, call.input(0).dims, std::move(out));
}

template <typename Real, bool (*test)(Real)>
void test_each(OperatorCall<Real>& call) {
  std::vector<std::int64_t> out;
  for (const Real value : call.reals(0)) out.push_back(test(value));
  call.emit_integers(DType::k_bool, call.input(0).dims, std::move(out));
}

template <typename Real>
bool is_not_a_number(Real x) {
  return std::isnan(x);
}

template <typename Real>
void is_infinite(OperatorCall<Real>& call) {
  const bool positive = call.node.integer("detect_positive", 1) != 0;
  const bool negative = call.node.integer("detect_negative", 1) != 0;
  std::vector<std::int64_t> out;
  for (const Real value : call.reals(0))
    out.push_back(std::isinf(value) && (value > 0 ? positive : negative));
  call.emit_integers(DType::k_bool, call.input(0).dims, std::move(out));
}

template <typename Real>
void logical_not(OperatorCall<Real>& call) {
  std::vector<std::int64_t> out;
  for (const std::int64_t value : call.integers(0)) out.push_back(value == 0);
  call.emit_integers(DType::k_bool, call.input(0).dims, std::move(out));
}

template <typename Real>
void where(OperatorCall<Real>& call) {
  const Array<Real>& condition = call.input(0);
  const Array<Real>& yes = call.input(1);
  const Array<Real>& no = call.input(2);
  if (yes.dtype != no.dtype) call.malformed("the two choices are of different types");
  const auto choices = call.integers(0);
  auto dims = broadcast_dims(yes.dims, no.dims);
  if (dims) dims = broadcast_dims(*dims, condition.dims);
  call.check_shapes(dims.has_value());
  const std::array strides = {broadcast_strides(condition.dims, *dims),
                              broadcast_strides(yes.dims, *dims),
                              broadcast_strides(no.dims, *dims)};
  call.emit(rearranged(yes, *dims, [&](auto from, auto to) {
    const auto other = [&] {
      if constexpr (std::is_same_v<decltype(from), decltype(no.reals)>)
        return no.reals;
      else
        return no.integers;
    }();
    walk(*dims, strides, [&](std::int64_t index, const auto& at) {
      to[static_cast<std::size_t>(index)] = choices[static_cast<std::size_t>(at[0])] != 0
                                                ? from[static_cast<std::size_t>(at[1])]
                                                : other[static_cast<std::size_t>(at[2])];
    });
  }));
}

template <typename Real>
Array<Real> convert(const OperatorCall<Real>& call, DType target) {
  const Array<Real>& from = call.input(0);
  const bool rounds = call.half_casts_round || target != DType::k_float16;
  if (is_floating(target)) {
    std::vector<Real> out(static_cast<std::size_t>(from.size()));
    for (std::size_t index = 0; index < out.size(); ++index) {
      const Real value =
          from.floating() ? from.reals[index] : static_cast<Real>(from.integers[index]);
      out[index] = rounds ? round_to(value, target) : value;
    }
    return make_reals<Real>(target, from.dims, std::move(out));
  }
  std::vector<std::int64_t> out(static_cast<std::size_t>(from.size()));
  for (std::size_t index = 0; index < out.size(); ++index) {
    if (from.floating() && target == DType::k_bool) {
      out[index] = from.reals[index] != 0;
    } else if (from.floating()) {
      out[index] = wrap_integer(truncated_integer(static_cast<double>(from.reals[index])), target);
    } else {
      out[index] = wrap_integer(from.integers[index], target);
    }
  }
  return make_integers<Real>(target, from.dims, std::move(out));
}

template <typename Real>
void cast(OperatorCall<Real>& call) {
  const std::int64_t code = call.node.integer("to", 0);
  const auto target = dtype_of_onnx(code);
  if (!target) call.unsupported("a cast to ONNX type " + std::to_string(code));
  call.emit(convert(call, *target));
}

template <typename Real>
void cast_like(OperatorCall<Real>& call) {
  call.emit(convert(call, call.input(1).dtype));
}

}  // namespace

template <typename Real>
void add_logic_operators(OperatorTable<Real>& table) {
  table[{"Equal", ""}] = compare<Real, Equal>;
  table[{"Less", ""}] = compare<Real, Less>;
  table[{"LessOrEqual", ""}] = compare<Real, LessOrEqual>;
  table[{"Greater", ""}] = compare<Real, Greater>;
  table[{"GreaterOrEqual", ""}] = compare<Real, GreaterOrEqual>;
  table[{"And", ""}] = compare<Real, And>;
  table[{"Or", ""}] = compare<Real, Or>;
  table[{"Xor", ""}] = compare<Real, Xor>;
  table[{"Not", ""}] = logical_not<Real>;
  table[{"BitwiseAnd", ""}] = bitwise<Real, std::bit_and<std::int64_t>>;
  table[{"BitwiseOr", ""}] = bitwise<Real, std::bit_or<std::int64_t>>;
  table[{"BitwiseXor", ""}] = bitwise<Real, std::bit_xor<std::int64_t>>;
  table[{"BitwiseNot", ""}] = bitwise_not<Real>;
  table[{"IsNaN", ""}] = test_each<Real, is_not_a_number<Real>>;
  table[{"IsInf", ""}] = is_infinite<Real>;
  table[{"Where", ""}] = where<Real>;
  table[{"Cast", ""}] = cast<Real>;
  table[{"CastLike", ""}] = cast_like<Real>;
}

template void add_logic_operators(OperatorTable<float>&);
template void add_logic_operators(OperatorTable<double>&);

}  // namespace hasten::graph
