#include "engine/generic/products.h"

#include "engine/cpu/float_environment.h"

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
  const std::size_t panels = (right.columns + panel - 1) / panel;
  constexpr std::size_t k_shared_from = std::size_t{1} << 19;  // multiply-adds
  if (bench.team == nullptr || left.rows * right.depth * right.columns < k_shared_from)
    return bench.kernels.gemm_float32(task, 0, panels);
  bench.team->run([&](int worker) {
    const cpu::FloatEnvironment environment;
    const Range share = share_of(panels, 1, worker, bench.team->size());
    bench.kernels.gemm_float32(task, share.begin, share.end);
  });
}

}  // namespace hasten::engine::generic
