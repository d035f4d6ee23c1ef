// Instruction -> Operation: what the operations of a program share while they are made.
#pragma once

#include <memory>

#include "engine/cpu/buffer_map.h"
#include "engine/cpu/isa/table.h"
#include "engine/cpu/operation.h"
#include "engine/cpu/packed_weight.h"
#include "engine/program.h"

namespace hasten::engine::cpu {

struct Builder {
  const Program& program;
  const KernelTable& kernels;
  WeightStore& weights;
  const BufferMap& buffers;
  std::size_t instruction;  // the one that is being prepared

  std::size_t width(BufferId buffer) const {
    return static_cast<std::size_t>(program.buffer(buffer).width);
  }
  const OperandForms& output_forms() const { return buffers.forms_of_writer(instruction); }
  Rows rows(BufferId buffer) const { return program.buffer(buffer).rows; }
};

// One per kind of instruction, each in the file of its name. They assert that shapes agree.
std::unique_ptr<Operation> make_operation(const Embed& embed, const Builder& builder);
std::unique_ptr<Operation> make_operation(const Linear& linear, const Builder& builder);
std::unique_ptr<Operation> make_operation(const Attention& attention, const Builder& builder);
std::unique_ptr<Operation> make_operation(const FoldedAttention& attention, const Builder& builder);
std::unique_ptr<Operation> make_operation(const AddNormalize& normalize, const Builder& builder);
std::unique_ptr<Operation> make_operation(const Activate& activate, const Builder& builder);
std::unique_ptr<Operation> make_operation(const Gate& gate, const Builder& builder);
std::unique_ptr<Operation> make_operation(const Neighbors& neighbors, const Builder& builder);
std::unique_ptr<Operation> make_operation(const Add& add, const Builder& builder);
std::unique_ptr<Operation> make_operation(const Pool& pool, const Builder& builder);

// Attention with distance scores, a rotation or a window.
std::unique_ptr<Operation> make_distance_attention(const Attention& attention,
                                                   const Builder& builder);

}  // namespace hasten::engine::cpu
