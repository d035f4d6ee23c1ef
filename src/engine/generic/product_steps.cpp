// MatMul, Gemm and FusedMatMul.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "engine/generic/products.h"
#include "graph/broadcast.h"

namespace hasten::engine::generic {
namespace {

// A matrix of a text's array: its elements and the steps of its rows and columns.
struct Matrix {
  const float* values = nullptr;
  std::int64_t row_step = 0;
  std::int64_t column_step = 1;
};

std::unique_ptr<PreparedProduct> pack_constant(const Array& weight, bool transposed,
                                               const cpu::KernelTable& kernels) {
  if (!weight.floating() || weight.dims.size() != 2 || weight.reals.empty()) return nullptr;
  auto prepared = std::make_unique<PreparedProduct>();
  const auto rows = static_cast<std::size_t>(weight.dims[0]);
  const auto columns = static_cast<std::size_t>(weight.dims[1]);
  cpu::PackTask task;
  task.values = weight.reals.data();
  task.depth = transposed ? columns : rows;
  task.columns = transposed ? rows : columns;
  task.row_step = transposed ? 1 : columns;
  task.column_step = transposed ? columns : 1;
  prepared->panels = cpu::AlignedBuffer(panel_floats(task.depth, task.columns) * sizeof(float));
  task.panels = reinterpret_cast<float*>(prepared->panels.data());
  kernels.arrays.pack(task);
  prepared->dtype = weight.dtype;
  prepared->right = {task.panels, task.depth, task.columns};
  return prepared;
}

std::unique_ptr<Prepared> prepare_matmul(const graph::Node&, const ConstantInputs& constants,
                                         const cpu::KernelTable& kernels) {
  if (constants.size() != 2 || constants[1] == nullptr) return nullptr;
  return pack_constant(*constants[1], false, kernels);
}

// The constant is kept in panels alone: what does not fit it is not left to the interpreter.
[[noreturn]] void refuse(const StepCall& call, const Array& left, const PreparedProduct& prepared) {
  const Dims weight = {static_cast<std::int64_t>(prepared.right.depth),
                       static_cast<std::int64_t>(prepared.right.columns)};
  fail(ErrorCode::k_malformed,
       fmt::format("{} {} is multiplied by {} {}", name_of(left.dtype), to_string(left.dims),
                   name_of(prepared.dtype), to_string(weight)),
       fmt::format("node {} of {}", call.node.name, call.node.op_type));
}

// The rows of all texts by one matrix.
bool multiply_by_constant(StepCall& call, const PreparedProduct& prepared) {
  const std::size_t depth = prepared.right.depth;
  const std::size_t columns = prepared.right.columns;
  std::vector<Dims> dims;
  for (std::size_t text = 0; text < call.texts; ++text) {
    const Array& from = call.input(0, text);
    const bool fits = from.dtype == prepared.dtype && !from.dims.empty() &&
                      from.dims.back() == static_cast<std::int64_t>(depth);
    if (!fits) refuse(call, from, prepared);
    dims.push_back(from.dims);
    dims.back().back() = static_cast<std::int64_t>(columns);
  }
  const std::vector<Stretch> stretches = stretches_of(call, 0);
  float* to = call.make_reals(0, call.input(0, 0).dtype, std::move(dims));
  for (const Stretch& stretch : stretches) {
    const std::size_t rows = stretch.floats / depth;
    multiply(call.bench, {stretch.values, depth, rows}, prepared.right,
             prepared.bias.empty() ? nullptr : prepared.bias.data(), prepared.activation,
             {to, columns});
    to += rows * columns;
  }
  return true;
}

struct ProductShape {
  Dims batch;
  std::array<Dims, 2> steps;  // of the operands over the batch, in matrices
  std::int64_t rows = 0, depth = 0, columns = 0;
  Dims result;
};

// Of operands of at least two axes, the last two of either exchanged where that is said.
bool shape_product(const Array& left, const Array& right, bool turns_left, bool turns_right,
                   ProductShape& shape) {
  if (left.dims.size() < 2 || right.dims.size() < 2 || left.dtype != right.dtype) return false;
  const std::size_t left_rank = left.dims.size() - 2;
  const std::size_t right_rank = right.dims.size() - 2;
  const auto left_batch = std::span(left.dims).first(left_rank);
  const auto right_batch = std::span(right.dims).first(right_rank);
  const auto batch = graph::broadcast_dims(left_batch, right_batch);
  if (!batch) return false;
  shape.rows = left.dims[left_rank + (turns_left ? 1 : 0)];
  shape.depth = left.dims[left_rank + (turns_left ? 0 : 1)];
  shape.columns = right.dims[right_rank + (turns_right ? 0 : 1)];
  if (shape.depth != right.dims[right_rank + (turns_right ? 1 : 0)]) return false;
  shape.batch = *batch;
  shape.steps = {graph::broadcast_strides(left_batch, *batch),
                 graph::broadcast_strides(right_batch, *batch)};
  shape.result = *batch;
  shape.result.insert(shape.result.end(), {shape.rows, shape.columns});
  return shape.rows > 0 && shape.depth > 0 && shape.columns > 0;
}

// Matrices of a text by matrices of it, each packed when it is another than the one before.
void multiply_matrices(StepCall& call, const ProductShape& shape, const float* left,
                       const float* right, bool turns_right, float* output) {
  const auto depth = static_cast<std::size_t>(shape.depth);
  const auto columns = static_cast<std::size_t>(shape.columns);
  const auto rows = static_cast<std::size_t>(shape.rows);
  const std::shared_ptr<float> panels = call.bench.pool.take(panel_floats(depth, columns));
  std::int64_t packed = -1;
  graph::walk(shape.batch, shape.steps, [&](std::int64_t index, const auto& at) {
    if (at[1] != packed) {
      cpu::PackTask task;
      task.values = right + at[1] * shape.depth * shape.columns;
      task.row_step = turns_right ? 1 : columns;
      task.column_step = turns_right ? depth : 1;
      task.depth = depth;
      task.columns = columns;
      task.panels = panels.get();
      call.bench.kernels.arrays.pack(task);
      packed = at[1];
    }
    multiply(call.bench, {left + at[0] * shape.rows * shape.depth, depth, rows},
             {panels.get(), depth, columns}, nullptr, Activation::k_none,
             {output + index * shape.rows * shape.columns, columns});
  });
}

bool multiply_texts(StepCall& call, bool turns_right, float alpha) {
  if (!call.has_reals(0) || !call.has_reals(1)) return false;
  for (std::size_t text = 0; text < call.texts; ++text) {
    const Array& left = call.input(0, text);
    const Array& right = call.input(1, text);
    ProductShape shape;
    if (!shape_product(left, right, false, turns_right, shape)) return false;
    float* to = call.make_reals(0, text, left.dtype, shape.result);
    const std::size_t count = call.outputs[0][text].reals.size();
    if (count == 0) continue;
    multiply_matrices(call, shape, left.reals.data(), right.reals.data(), turns_right, to);
    if (alpha == 1) continue;
    cpu::CombineTask scale;
    scale.combination = cpu::Combination::k_multiply;
    scale.left = {to, 0, false};
    scale.right = {&alpha, 0, true};
    scale.rows = 1;
    scale.width = count;
    scale.output = to;
    call.bench.kernels.arrays.combine(scale);
  }
  return true;
}

bool matmul(StepCall& call) {
  if (const auto* prepared = static_cast<const PreparedProduct*>(call.prepared)) {
    return multiply_by_constant(call, *prepared);
  }
  return multiply_texts(call, false, 1);
}

bool fused_matmul(StepCall& call) {
  const graph::Node& node = call.node;
  const bool is_plain = node.integer("transA", 0) == 0 && node.integer("transBatchA", 0) == 0 &&
                        node.integer("transBatchB", 0) == 0;
  return is_plain && multiply_texts(call, node.integer("transB", 0) != 0, node.number("alpha", 1));
}

std::unique_ptr<Prepared> prepare_gemm(const graph::Node& node, const ConstantInputs& constants,
                                       const cpu::KernelTable& kernels) {
  const bool is_plain =
      node.integer("transA", 0) == 0 && node.number("alpha", 1) == 1 && node.number("beta", 1) == 1;
  if (!is_plain || constants.size() < 2 || constants[1] == nullptr) return nullptr;
  std::unique_ptr<PreparedProduct> packed =
      pack_constant(*constants[1], node.integer("transB", 0) != 0, kernels);
  if (packed == nullptr || constants.size() == 2) return packed;
  const Array* bias = constants[2];
  const std::size_t columns = packed->right.columns;
  if (bias == nullptr || !bias->floating() || bias->dims.size() != 1 ||
      bias->reals.size() != columns) {
    return nullptr;
  }
  packed->bias.assign(bias->reals.begin(), bias->reals.end());
  packed->bias.resize(cpu::round_up(columns, 16));
  return packed;
}

bool gemm(StepCall& call) {
  const auto* prepared = static_cast<const PreparedProduct*>(call.prepared);
  if (prepared == nullptr) return false;
  for (std::size_t text = 0; text < call.texts; ++text) {
    if (call.input(0, text).dims.size() != 2) refuse(call, call.input(0, text), *prepared);
  }
  return multiply_by_constant(call, *prepared);
}

}  // namespace

void add_product_steps(StepTable& table) {
  table[{"MatMul", ""}] = {matmul, prepare_matmul};
  table[{"Gemm", ""}] = {gemm, prepare_gemm};
  table[{"FusedMatMul", std::string(graph::k_microsoft_domain)}] = {fused_matmul};
}

}  // namespace hasten::engine::generic
