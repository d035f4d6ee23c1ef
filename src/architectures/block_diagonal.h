// Layers of separate groups as one matrix: what engines compute fastest.
#pragma once

#include <string>

#include "architectures/encoder_builder.h"

namespace hasten::architectures {

// [groups * rows, groups * columns] with the blocks [groups, rows, columns] on its diagonal and
// zeros elsewhere.
Tensor block_diagonal(const Tensor& blocks);

// PyTorch's Conv1d with a kernel of one: group by group a linear layer; `module` has a weight
// [outputs, inputs / groups, 1] and a bias. `key` is the setting with the number of groups,
// `fallback` where it is absent; throws k_unsupported naming it when it does not divide both.
struct GroupSetting {
  std::string_view key;
  std::int64_t fallback;
};
ValueId grouped_linear(EncoderBuilder& builder, ValueId input, const std::string& module,
                       const Dims& outputs_and_inputs, const GroupSetting& setting);

}  // namespace hasten::architectures
