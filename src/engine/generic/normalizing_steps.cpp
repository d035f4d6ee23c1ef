// Softmax over the last axis, layer normalisation over it, and what com.microsoft fuses into that.
#include "engine/generic/step_table.h"

namespace hasten::engine::generic {
namespace {

bool softmax(StepCall& call) {
  if (!call.has_reals(0) || call.is_shared(0)) return false;
  std::vector<Dims> dims;
  for (std::size_t text = 0; text < call.texts; ++text) {
    const Array& from = call.input(0, text);
    const auto rank = static_cast<std::int64_t>(from.dims.size());
    // Before opset 13 all axes from the given one on are one.
    const std::int64_t axis = call.node.integer("axis", call.opset < 13 ? 1 : -1);
    if (rank == 0 || from.size() == 0 || (axis != -1 && axis != rank - 1)) return false;
    dims.push_back(from.dims);
  }
  const Array& first = call.input(0, 0);
  float* to = call.make_reals(0, first.dtype, std::move(dims));
  for (std::size_t text = 0; text < call.texts; ++text) {
    const Array& from = call.input(0, text);
    const auto width = static_cast<std::size_t>(from.dims.back());
    call.bench.kernels.arrays.softmax(from.reals.data(), to, from.reals.size() / width, width);
    to += from.reals.size();
  }
  return true;
}

// A row that is the same for all texts, as long as the last axis; null: something else.
const float* shared_row(const StepCall& call, std::size_t index, std::size_t width) {
  if (!call.has_reals(index) || !call.is_shared(index)) return nullptr;
  const Array& row = call.input(index, 0);
  return row.reals.size() == width ? row.reals.data() : nullptr;
}

// The width of the last axis of input 0, the same for all texts; 0: it is not.
std::size_t common_width(const StepCall& call) {
  if (!call.has_reals(0) || call.is_shared(0)) return 0;
  std::int64_t width = 0;
  for (std::size_t text = 0; text < call.texts; ++text) {
    const Dims& dims = call.input(0, text).dims;
    if (dims.empty() || (text > 0 && dims.back() != width)) return 0;
    width = dims.back();
  }
  return static_cast<std::size_t>(width);
}

std::vector<Dims> dims_of_texts(const StepCall& call) {
  std::vector<Dims> dims;
  for (std::size_t text = 0; text < call.texts; ++text) dims.push_back(call.input(0, text).dims);
  return dims;
}

bool layer_normalization(StepCall& call) {
  const std::size_t width = common_width(call);
  if (width == 0 || call.outputs.size() > 1) return false;
  const auto rank = static_cast<std::int64_t>(call.input(0, 0).dims.size());
  const std::int64_t axis = call.node.integer("axis", -1);
  if (axis != -1 && axis != rank - 1) return false;
  cpu::NormalizeTask task;
  task.gamma = shared_row(call, 1, width);
  task.beta = call.has(2) ? shared_row(call, 2, width) : call.bench.zeros(width);
  if (task.gamma == nullptr || task.beta == nullptr) return false;
  task.width = width;
  task.epsilon = call.node.number("epsilon", 1e-5F);
  task.output = call.make_reals(0, call.input(0, 0).dtype, dims_of_texts(call));
  for (const Stretch& stretch : stretches_of(call, 0)) {
    task.input = stretch.values;
    task.rows = stretch.floats / width;
    call.bench.kernels.normalize(task);
    task.output += stretch.floats;
  }
  return true;
}

// Whether the second input has the first one's shape for every text.
bool has_equal_skip(const StepCall& call) {
  if (!call.has_reals(1)) return false;
  for (std::size_t text = 0; text < call.texts; ++text) {
    if (call.input(1, text).dims != call.input(0, text).dims) return false;
  }
  return true;
}

// LayerNormalization(input + skip), the sum being the fourth output.
bool skip_layer_normalization(StepCall& call) {
  const std::size_t width = common_width(call);
  const bool keeps_sum = call.outputs.size() == 4;
  if (width == 0 || !has_equal_skip(call) || call.has(4)) return false;
  if (call.outputs.size() > 1 && (!keeps_sum || call.wants(1) || call.wants(2))) return false;
  cpu::NormalizeTask task;
  task.gamma = shared_row(call, 2, width);
  task.beta = call.has(3) ? shared_row(call, 3, width) : call.bench.zeros(width);
  if (task.gamma == nullptr || task.beta == nullptr) return false;
  task.width = width;
  task.epsilon = call.node.number("epsilon", 1e-12F);
  const DType dtype = call.input(0, 0).dtype;
  task.output = call.make_reals(0, dtype, dims_of_texts(call));
  float* sum = keeps_sum ? call.make_reals(3, dtype, dims_of_texts(call)) : nullptr;
  for (std::size_t text = 0; text < call.texts; ++text) {
    const std::size_t floats = call.input(0, text).reals.size();
    task.input = call.input(0, text).reals.data();
    task.residual = call.input(1, text).reals.data();
    task.rows = floats / width;
    if (keeps_sum) {
      call.bench.kernels.add(task.input, task.residual, sum, floats);
      task.input = sum;
      task.residual = nullptr;
      sum += floats;
    }
    call.bench.kernels.normalize(task);
    task.output += floats;
  }
  return true;
}

}  // namespace

void add_normalizing_steps(StepTable& table) {
  table[{"Softmax", ""}] = {softmax};
  table[{"LayerNormalization", ""}] = {layer_normalization};
  table[{"SkipLayerNormalization", std::string(graph::k_microsoft_domain)}] = {
      skip_layer_normalization};
}

}  // namespace hasten::engine::generic
