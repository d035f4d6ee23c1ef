#include "architectures/block_diagonal.h"

#include <cstring>
#include <memory>

#include "architectures/transpose.h"

namespace hasten::architectures {

Tensor block_diagonal(const Tensor& blocks) {
  const std::int64_t groups = blocks.dims[0], rows = blocks.dims[1], columns = blocks.dims[2];
  const Dims dims = {groups * rows, groups * columns};
  const std::size_t line = static_cast<std::size_t>(columns) * size_of(blocks.dtype);
  const auto bytes = std::make_shared<std::vector<std::byte>>(blocks.bytes.size() *
                                                              static_cast<std::size_t>(groups));
  for (std::int64_t row = 0; row < dims[0]; ++row) {
    const auto group = static_cast<std::size_t>(row / rows);
    std::byte* target = bytes->data() + (static_cast<std::size_t>(row * groups) + group) * line;
    std::memcpy(target, blocks.bytes.data() + static_cast<std::size_t>(row) * line, line);
  }
  return {blocks.dtype, dims, *bytes, bytes};
}

ValueId grouped_linear(EncoderBuilder& builder, ValueId input, const std::string& module,
                       const Dims& outputs_and_inputs, const GroupSetting& setting) {
  const std::int64_t outputs = outputs_and_inputs[0], inputs = outputs_and_inputs[1];
  const std::int64_t groups = builder.settings().size(setting.key, setting.fallback);
  if (outputs % groups != 0 || inputs % groups != 0) {
    builder.settings().refuse(setting.key, "divisors of the layer's sizes");
  }
  Tensor weight = builder.weights().take(module + ".weight", {outputs, inputs / groups, 1});
  weight.dims = {groups, outputs / groups, inputs / groups};
  const ValueId matrix = builder.made(module + ".weight", transpose(block_diagonal(weight)));
  const ValueId product = builder.op("MatMul", {input, matrix}, module + ".product");
  return builder.add(product, builder.vector(module + ".bias", outputs), module);
}

}  // namespace hasten::architectures
