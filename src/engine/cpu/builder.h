// Instruction -> Operation: what the operations of a program share while they are made.
#pragma once

#include <memory>
#include <vector>

#include "engine/cpu/isa/table.h"
#include "engine/cpu/memory_plan.h"
#include "engine/cpu/operation.h"
#include "engine/cpu/packed_weight.h"
#include "engine/cpu/workspace.h"
#include "engine/program.h"

namespace hasten::engine::cpu {

struct Builder {
  const Program& program;
  const KernelTable& kernels;
  WeightStore& weights;

  StorageId storage(BufferId buffer) const { return StorageId{static_cast<std::size_t>(buffer)}; }
  std::size_t width(BufferId buffer) const {
    return static_cast<std::size_t>(program.buffer(buffer).width);
  }
  Rows rows(BufferId buffer) const { return program.buffer(buffer).rows; }
};

// What every buffer of the program needs; Builder::storage() indexes it.
std::vector<Storage> storages_of(const Program& program);

// One per kind of instruction, each in the file of its name. They assert that shapes agree.
std::unique_ptr<Operation> make_operation(const Embed& embed, const Builder& builder);
std::unique_ptr<Operation> make_operation(const Linear& linear, const Builder& builder);
std::unique_ptr<Operation> make_operation(const Attention& attention, const Builder& builder);
std::unique_ptr<Operation> make_operation(const AddNormalize& normalize, const Builder& builder);
std::unique_ptr<Operation> make_operation(const Activate& activate, const Builder& builder);
std::unique_ptr<Operation> make_operation(const Add& add, const Builder& builder);
std::unique_ptr<Operation> make_operation(const Pool& pool, const Builder& builder);

}  // namespace hasten::engine::cpu
