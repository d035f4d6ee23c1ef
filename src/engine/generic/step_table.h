// The operators that the engine computes with kernels of its own; all others are the interpreter's.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "engine/generic/step_call.h"

namespace hasten::engine::generic {

// Computes all outputs for all texts, or returns false, having set nothing that counts, where the inputs are not of
// the kind that it knows: the interpreter's body then computes them, or says what is wrong with them.
using StepBody = bool (*)(StepCall& call);

// Constants of a node by input, null where the input is none.
using ConstantInputs = std::vector<const Array*>;
// Makes constants ready; null where there is nothing to make.
using StepPreparation = std::unique_ptr<Prepared> (*)(const graph::Node& node,
                                                      const ConstantInputs& constants,
                                                      const cpu::KernelTable& kernels);

struct StepKind {
  StepBody body = nullptr;
  StepPreparation prepare = nullptr;  // may be null
};
// Operator type and domain -> kind.
using StepTable = std::map<std::pair<std::string, std::string>, StepKind>;

// One function for each family, in the file of its name.
void add_product_steps(StepTable& table);
void add_combining_steps(StepTable& table);
void add_function_steps(StepTable& table);
void add_normalizing_steps(StepTable& table);
void add_moving_steps(StepTable& table);
void add_shape_steps(StepTable& table);
void add_convolution_steps(StepTable& table);

const StepTable& step_table();

}  // namespace hasten::engine::generic
