#include "engine/generic/products.h"

namespace hasten::engine::generic {

std::size_t panel_floats(std::size_t depth, std::size_t columns) {
  return depth * cpu::round_up(columns, 16);
}

void multiply(Workbench& bench, const LeftOperand& left, const RightOperand& right,
              const float* bias, Activation activation, const ProductOutput& output) {
  const std::size_t panel = bench.kernels.panel_columns;
  cpu::GemmTask task;
  task.left_stride = left.row_step;
  task.depth = right.depth;
  task.columns = right.columns;
  task.panels = right.panels;
  task.bias = bias != nullptr ? bias : bench.zeros(cpu::round_up(right.columns, 16));
  task.activation = activation;
  task.output_stride = output.row_step;
  task.left = left.values;
  task.rows = left.rows;
  task.output = output.values;
  bench.kernels.gemm_float32(task, 0, (right.columns + panel - 1) / panel);
}

}  // namespace hasten::engine::generic
