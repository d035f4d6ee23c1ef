// Add, Sub, Mul and Div of floating-point numbers, and powers that are products.
#include <algorithm>

#include "engine/generic/step_table.h"
#include "graph/broadcast.h"

namespace hasten::engine::generic {
namespace {

using cpu::Combination;
using cpu::CombineTask;

// Axes of a result with the steps of both operands along each, as few as there can be: those along which both
// operands go on as they did along the next one are joined with it.
struct JoinedAxes {
  Dims dims;
  std::array<Dims, 2> steps;
};

JoinedAxes join_axes(const Dims& dims, const Dims& left, const Dims& right) {
  JoinedAxes joined;
  const std::array own = {graph::broadcast_strides(left, dims),
                          graph::broadcast_strides(right, dims)};
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    if (dims[axis] == 1) continue;
    const bool goes_on = !joined.dims.empty() &&
                         joined.steps[0].back() == own[0][axis] * dims[axis] &&
                         joined.steps[1].back() == own[1][axis] * dims[axis];
    if (goes_on) {
      joined.dims.back() *= dims[axis];
    } else {
      joined.dims.push_back(dims[axis]);
    }
    for (std::size_t k = 0; k < 2; ++k) {
      if (!goes_on) joined.steps[k].push_back(0);
      joined.steps[k].back() = own[k][axis];
    }
  }
  return joined;
}

// Splits off the last axis as the width of a task's rows and the one before as its rows; what is left is walked.
void combine_arrays(const StepCall& call, CombineTask task, const JoinedAxes& axes) {
  Dims outer = axes.dims;
  std::array<Dims, 2> steps = axes.steps;
  const auto take_last = [&](std::int64_t& length, std::array<std::int64_t, 2>& step) {
    length = 1;
    step = {0, 0};
    if (outer.empty()) return;
    length = outer.back();
    step = {steps[0].back(), steps[1].back()};
    outer.pop_back();
    for (Dims& of : steps) of.pop_back();
  };
  std::int64_t width = 0;
  std::int64_t rows = 0;
  std::array<std::int64_t, 2> element_step{};
  std::array<std::int64_t, 2> row_step{};
  take_last(width, element_step);
  take_last(rows, row_step);
  task.width = static_cast<std::size_t>(width);
  task.rows = static_cast<std::size_t>(rows);
  task.left.repeats = element_step[0] == 0;
  task.right.repeats = element_step[1] == 0;
  task.left.row_step = static_cast<std::size_t>(row_step[0]);
  task.right.row_step = static_cast<std::size_t>(row_step[1]);
  graph::walk(outer, steps, [&](std::int64_t index, const auto& at) {
    CombineTask part = task;
    part.left.values += at[0];
    part.right.values += at[1];
    part.output += index * rows * width;
    call.bench.kernels.arrays.combine(part);
  });
}

bool combine_text(StepCall& call, Combination combination, std::size_t text) {
  const Array& left = call.input(0, text);
  const Array& right = call.input(1, text);
  if (left.dtype != right.dtype || left.reals.empty() || right.reals.empty()) return false;
  auto dims = graph::broadcast_dims(left.dims, right.dims);
  if (!dims) return false;
  const JoinedAxes axes = join_axes(*dims, left.dims, right.dims);
  CombineTask task;
  task.combination = combination;
  task.left.values = left.reals.data();
  task.right.values = right.reals.data();
  task.output = call.make_reals(0, text, left.dtype, std::move(*dims));
  combine_arrays(call, task, axes);
  return true;
}

// Whether the operand is one row that every row of the other takes, or one number.
bool is_row_of_all(const StepCall& call, std::size_t index) {
  if (!call.is_shared(index)) return false;
  const Array& row = call.input(index, 0);
  return row.reals.size() == 1 ||
         (!row.dims.empty() && row.reals.size() == static_cast<std::size_t>(row.dims.back()));
}

// Rows of all texts with one row that is the same for all of them: as few calls as there are stretches.
bool combine_with_row(StepCall& call, Combination combination, std::size_t rows_index) {
  const std::size_t row_index = 1 - rows_index;
  const Array& row = call.input(row_index, 0);
  if (row.reals.empty()) return false;
  std::vector<Dims> dims;
  for (std::size_t text = 0; text < call.texts; ++text) {
    const Array& from = call.input(rows_index, text);
    const bool fits = from.dtype == row.dtype && from.dims.size() >= row.dims.size() &&
                      !from.dims.empty() &&
                      (row.reals.size() == 1 || from.dims.back() == row.dims.back());
    if (!fits) return false;
    dims.push_back(from.dims);
  }
  const std::vector<Stretch> stretches = stretches_of(call, rows_index);
  float* to = call.make_reals(0, row.dtype, std::move(dims));
  for (const Stretch& stretch : stretches) {
    CombineTask task;
    task.combination = combination;
    const bool is_number = row.reals.size() == 1;
    task.width = is_number ? stretch.floats : row.reals.size();
    task.rows = stretch.floats / std::max<std::size_t>(task.width, 1);
    cpu::CombineOperand rows{stretch.values, task.width, false};
    cpu::CombineOperand one{row.reals.data(), 0, is_number};
    task.left = rows_index == 0 ? rows : one;
    task.right = rows_index == 0 ? one : rows;
    task.output = to;
    call.bench.kernels.arrays.combine(task);
    to += stretch.floats;
  }
  return true;
}

template <Combination combination>
bool combine(StepCall& call) {
  if (call.opset < 7 || call.operands.size() != 2) return false;
  if (!call.has_reals(0) || !call.has_reals(1)) return false;
  if (!call.is_shared(0) && is_row_of_all(call, 1) && combine_with_row(call, combination, 0))
    return true;
  if (!call.is_shared(1) && is_row_of_all(call, 0) && combine_with_row(call, combination, 1))
    return true;
  for (std::size_t text = 0; text < call.texts; ++text) {
    if (!combine_text(call, combination, text)) return false;
  }
  return true;
}

// x^2, the only power that exporters write often.
bool raise(StepCall& call) {
  if (!call.has_reals(0) || !call.has(1) || !call.is_shared(1)) return false;
  const Array& exponent = call.input(1, 0);
  const bool is_two = exponent.size() == 1 && exponent.dims.size() <= 1 &&
                      (exponent.floating() ? exponent.reals[0] == 2 : exponent.integers[0] == 2);
  if (!is_two) return false;
  for (std::size_t text = 0; text < call.texts; ++text) {
    const Array& base = call.input(0, text);
    if (base.dims.empty()) return false;
    CombineTask task;
    task.combination = Combination::k_multiply;
    task.rows = 1;
    task.width = base.reals.size();
    task.left.values = task.right.values = base.reals.data();
    task.output = call.make_reals(0, text, base.dtype, base.dims);
    call.bench.kernels.arrays.combine(task);
  }
  return true;
}

}  // namespace

void add_combining_steps(StepTable& table) {
  table[{"Add", ""}] = {combine<Combination::k_add>};
  table[{"Sub", ""}] = {combine<Combination::k_subtract>};
  table[{"Mul", ""}] = {combine<Combination::k_multiply>};
  table[{"Div", ""}] = {combine<Combination::k_divide>};
  table[{"Pow", ""}] = {raise};
}

}  // namespace hasten::engine::generic
