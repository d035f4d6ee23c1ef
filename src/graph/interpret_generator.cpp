// Tensors out of attributes, shapes and numbers.
#include <cmath>

#include "base/onnx_dtype.h"
#include "graph/broadcast.h"
#include "graph/operator_table.h"

namespace hasten::graph {
namespace {

template <typename Real>
void constant(OperatorCall<Real>& call) {
  for (const auto& [name, attribute] : call.node.attributes) {
    if (const auto* tensor = std::get_if<Tensor>(&attribute))
      return call.emit(to_array<Real>(*tensor));
    if (const auto* integer = std::get_if<std::int64_t>(&attribute)) {
      return call.emit_integers(DType::k_int64, {}, {*integer});
    }
    if (const auto* number = std::get_if<float>(&attribute)) {
      return call.emit_reals(DType::k_float32, {}, {static_cast<Real>(*number)});
    }
    if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&attribute)) {
      return call.emit_integers(DType::k_int64, {static_cast<std::int64_t>(integers->size())},
                                *integers);
    }
    if (const auto* numbers = std::get_if<std::vector<float>>(&attribute)) {
      return call.emit_reals(DType::k_float32, {static_cast<std::int64_t>(numbers->size())},
                             std::vector<Real>(numbers->begin(), numbers->end()));
    }
  }
  call.unsupported("a constant that is no tensor of numbers");
}

template <typename Real>
void constant_of_shape(OperatorCall<Real>& call) {
  const auto wanted = call.integers(0);
  Dims dims(wanted.begin(), wanted.end());
  const std::size_t count = checked_count(dims);
  const auto found = call.node.attributes.find("value");
  if (found == call.node.attributes.end()) {
    return call.emit_reals(DType::k_float32, std::move(dims), std::vector<Real>(count, 0));
  }
  const auto* tensor = std::get_if<Tensor>(&found->second);
  if (tensor == nullptr || tensor->size() != 1)
    call.malformed("value is not a tensor of one element");
  const Array<Real> value = to_array<Real>(*tensor);
  call.emit(rearranged(value, std::move(dims), [](auto in, auto out) {
    for (auto& element : out) element = in[0];
  }));
}

template <typename Real>
void range(OperatorCall<Real>& call) {
  const DType dtype = call.input(0).dtype;
  if (is_floating(dtype)) {
    const Real start = call.real_scalar(0);
    const Real limit = call.real_scalar(1);
    const Real step = call.real_scalar(2);
    const std::int64_t count =
        truncated_integer(std::max(std::ceil(static_cast<double>((limit - start) / step)), 0.0));
    if (step == 0) call.malformed("a step of 0");
    std::vector<Real> out(checked_count(std::array{count}));
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = start + static_cast<Real>(k) * step;
    return call.emit_reals(dtype, {count}, std::move(out));
  }
  const std::int64_t start = call.integer_scalar(0);
  const std::int64_t limit = call.integer_scalar(1);
  const std::int64_t step = call.integer_scalar(2);
  std::int64_t distance = 0;
  if (step == 0 || __builtin_sub_overflow(limit, start, &distance))
    call.malformed("a step of 0, or a range too long");
  const bool empty = (distance > 0) != (step > 0) || distance == 0;
  const auto magnitude = [](std::int64_t value) {
    return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  };
  const std::int64_t count =
      empty ? 0 : static_cast<std::int64_t>((magnitude(distance) - 1) / magnitude(step)) + 1;
  std::vector<std::int64_t> out(checked_count(std::array{count}));
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = start + static_cast<std::int64_t>(k) * step;
  call.emit_integers(dtype, {count}, std::move(out));
}

template <typename Real>
void one_hot(OperatorCall<Real>& call) {
  const Array<Real>& indices = call.input(0);
  const std::int64_t depth = call.input(1).floating()
                                 ? truncated_integer(static_cast<double>(call.real_scalar(1)))
                                 : call.integer_scalar(1);
  const Array<Real>& values = call.input(2);
  call.check_shapes(values.size() == 2 && depth >= 0);
  const std::size_t axis = call.axis(call.node.integer("axis", -1), indices.rank() + 1);
  Dims dims = indices.dims;
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis), depth);
  Dims steps = strides_of(indices.dims);
  steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(axis), 0);
  Dims hot_steps(dims.size(), 0);
  hot_steps[axis] = 1;
  call.emit(rearranged(values, dims, [&](auto off_on, auto out) {
    walk(dims, std::array{steps, hot_steps}, [&](std::int64_t index, const auto& at) {
      const auto place = static_cast<std::size_t>(at[0]);
      const std::int64_t hot = indices.floating()
                                   ? truncated_integer(static_cast<double>(indices.reals[place]))
                                   : indices.integers[place];
      out[static_cast<std::size_t>(index)] = off_on[(hot < 0 ? hot + depth : hot) == at[1] ? 1 : 0];
    });
  }));
}

template <typename Real>
void eye_like(OperatorCall<Real>& call) {
  const Array<Real>& like = call.input(0);
  call.check_shapes(like.rank() == 2);
  const auto dtype = dtype_of_onnx(call.node.integer("dtype", onnx_code_of(like.dtype)));
  if (!dtype) call.unsupported("an element type that Hasten has not");
  const std::int64_t diagonal = call.node.integer("k", 0);
  std::vector<std::int64_t> ones(static_cast<std::size_t>(like.size()), 0);
  for (std::int64_t row = 0; row < like.dims[0]; ++row) {
    std::int64_t column = 0;
    if (!__builtin_add_overflow(row, diagonal, &column) && column >= 0 && column < like.dims[1])
      ones[static_cast<std::size_t>(row * like.dims[1] + column)] = 1;
  }
  if (!is_floating(*dtype)) return call.emit_integers(*dtype, like.dims, std::move(ones));
  call.emit_reals(*dtype, like.dims, std::vector<Real>(ones.begin(), ones.end()));
}

}  // namespace

template <typename Real>
void add_generator_operators(OperatorTable<Real>& table) {
  table[{"Constant", ""}] = constant<Real>;
  table[{"ConstantOfShape", ""}] = constant_of_shape<Real>;
  table[{"Range", ""}] = range<Real>;
  table[{"OneHot", ""}] = one_hot<Real>;
  table[{"EyeLike", ""}] = eye_like<Real>;
}

template void add_generator_operators(OperatorTable<float>&);
template void add_generator_operators(OperatorTable<double>&);

}  // namespace hasten::graph
