// Shape rules of operators that work element by element.
#include "base/onnx_dtype.h"
#include "graph/shape_call.h"

namespace hasten::graph {
namespace {

// The result is like the first input.
void like_first(ShapeCall& call) {
  call.set(0, call.dtype(0), call.shape(0));
}

void identity(ShapeCall& call) {
  call.set(0, call.dtype(0), call.shape(0), call.input(0).elements);
}

void dropout(ShapeCall& call) {
  identity(call);
  call.set(1, call.opset < 10 ? call.dtype(0) : DType::k_bool, call.shape(0));
}

void to_boolean(ShapeCall& call) {
  call.set(0, DType::k_bool, call.shape(0));
}

void cast(ShapeCall& call) {
  const auto dtype = dtype_of_onnx(call.node.integer("to", 0));
  const bool integers = dtype == DType::k_int64 || dtype == DType::k_int32;
  call.set(0, dtype, call.shape(0), integers ? call.input(0).elements : Elements());
}

void cast_like(ShapeCall& call) {
  call.set(0, call.dtype(1), call.shape(0));
}

// Elements of two inputs combined, one of which may be a scalar.
template <typename Combine>
Elements combined(const ShapeCall& call, Combine combine) {
  const Elements& a = call.input(0).elements;
  const Elements& b = call.input(1).elements;
  if (!a || !b || (a->size() != b->size() && a->size() != 1 && b->size() != 1)) return std::nullopt;
  std::vector<Element> result;
  for (std::size_t k = 0; k < std::max(a->size(), b->size()); ++k) {
    result.push_back(combine((*a)[a->size() == 1 ? 0 : k], (*b)[b->size() == 1 ? 0 : k]));
  }
  return result;
}

template <typename Operation>
Elements arithmetic(const ShapeCall& call, Operation operation) {
  return combined(call, [&](const Element& a, const Element& b) {
    std::int64_t result = 0;
    const bool known = a.value && b.value && operation(*a.value, *b.value, result);
    return known ? Element::of(result) : Element{};
  });
}

std::optional<Shape> common_shape(const ShapeCall& call) {
  std::optional<Shape> shape = call.shape(0);
  for (std::size_t index = 1; index < call.inputs.size(); ++index) {
    shape = broadcast_shapes(call, shape, call.shape(index));
  }
  return shape;
}

void broadcast(ShapeCall& call) {
  call.set(0, call.dtype(0), common_shape(call));
}

void add(ShapeCall& call) {
  const auto sum = [](auto a, auto b, auto& out) { return !__builtin_add_overflow(a, b, &out); };
  call.set(0, call.dtype(0), common_shape(call), arithmetic(call, sum));
}

void subtract(ShapeCall& call) {
  const auto difference = [](auto a, auto b, auto& out) {
    return !__builtin_sub_overflow(a, b, &out);
  };
  call.set(0, call.dtype(0), common_shape(call), arithmetic(call, difference));
}

// A named dimension times 1 stays itself.
void multiply(ShapeCall& call) {
  Elements product = combined(call, [](const Element& a, const Element& b) {
    std::int64_t result = 0;
    if (a.value && b.value) {
      return __builtin_mul_overflow(*a.value, *b.value, &result) ? Element{} : Element::of(result);
    }
    if (a.is(1)) return b;
    return b.is(1) ? a : Element{};
  });
  call.set(0, call.dtype(0), common_shape(call), std::move(product));
}

void divide(ShapeCall& call) {
  Elements quotient = combined(call, [](const Element& a, const Element& b) {
    if (a.value && b.value && *b.value > 0) return Element::of(*a.value / *b.value);
    return b.is(1) ? a : Element{};
  });
  call.set(0, call.dtype(0), common_shape(call), std::move(quotient));
}

void compare(ShapeCall& call) {
  call.set(0, DType::k_bool, common_shape(call));
}

// A dimension is never negative: it differs from -1 even when it is unknown.
void equal(ShapeCall& call) {
  Elements result = combined(call, [](const Element& a, const Element& b) {
    if (a.value && b.value) return Element::of(*a.value == *b.value);
    if (!a.value && !b.value) {
      return !a.name.empty() && a.name == b.name ? Element::of(1) : Element{};
    }
    const Element& number = a.value ? a : b;
    const Element& dimension = a.value ? b : a;
    return *number.value < 0 && !dimension.name.empty() ? Element::of(0) : Element{};
  });
  call.set(0, DType::k_bool, common_shape(call), std::move(result));
}

void where(ShapeCall& call) {
  const auto shape = broadcast_shapes(call, common_shape(call), call.shape(0));
  const Elements& condition = call.input(0).elements;
  const Elements& yes = call.input(1).elements;
  const Elements& no = call.input(2).elements;
  Elements chosen;
  if (condition && yes && no && condition->size() == yes->size() && yes->size() == no->size()) {
    chosen.emplace();
    for (std::size_t k = 0; k < yes->size(); ++k) {
      const Element& choice = (*condition)[k];
      chosen->push_back(!choice.value ? Element{} : *choice.value != 0 ? (*yes)[k] : (*no)[k]);
    }
  }
  call.set(0, call.dtype(1), shape, std::move(chosen));
}

// Operators of the main domain whose result has the type and shape of their first input.
constexpr std::string_view k_like_first[] = {"Neg",
                                             "Abs",
                                             "Sign",
                                             "Sqrt",
                                             "Exp",
                                             "Log",
                                             "Reciprocal",
                                             "Floor",
                                             "Ceil",
                                             "Round",
                                             "Sin",
                                             "Cos",
                                             "Tan",
                                             "Sinh",
                                             "Cosh",
                                             "Asin",
                                             "Acos",
                                             "Atan",
                                             "Asinh",
                                             "Acosh",
                                             "Atanh",
                                             "Erf",
                                             "Tanh",
                                             "Clip",
                                             "Relu",
                                             "Sigmoid",
                                             "Softplus",
                                             "Softsign",
                                             "Mish",
                                             "HardSwish",
                                             "Gelu",
                                             "Swish",
                                             "LeakyRelu",
                                             "Elu",
                                             "Celu",
                                             "Selu",
                                             "HardSigmoid",
                                             "ThresholdedRelu",
                                             "PRelu",
                                             "Softmax",
                                             "LogSoftmax",
                                             "Hardmax",
                                             "CumSum",
                                             "Trilu",
                                             "BitwiseNot",
                                             "SimplifiedLayerNormalization",
                                             "RMSNormalization",
                                             "RotaryEmbedding"};

}  // namespace

void add_elementwise_rules(ShapeRules& rules) {
  for (const std::string_view name : k_like_first) rules[{std::string(name), ""}] = like_first;
  for (const char* name : {"Gelu", "BiasGelu", "FastGelu", "QuickGelu", "RotaryEmbedding"}) {
    rules[{name, std::string(k_microsoft_domain)}] = like_first;
  }
  for (const char* name :
       {"Mod", "Pow", "Min", "Max", "Sum", "Mean", "BitwiseAnd", "BitwiseOr", "BitwiseXor"}) {
    rules[{name, ""}] = broadcast;
  }
  for (const char* name :
       {"Less", "LessOrEqual", "Greater", "GreaterOrEqual", "And", "Or", "Xor"}) {
    rules[{name, ""}] = compare;
  }
  rules[{"Identity", ""}] = identity;
  rules[{"Dropout", ""}] = dropout;
  rules[{"Not", ""}] = to_boolean;
  rules[{"IsNaN", ""}] = to_boolean;
  rules[{"IsInf", ""}] = to_boolean;
  rules[{"Cast", ""}] = cast;
  rules[{"CastLike", ""}] = cast_like;
  rules[{"Add", ""}] = add;
  rules[{"Sub", ""}] = subtract;
  rules[{"Mul", ""}] = multiply;
  rules[{"Div", ""}] = divide;
  rules[{"Equal", ""}] = equal;
  rules[{"Where", ""}] = where;
}

}  // namespace hasten::graph
