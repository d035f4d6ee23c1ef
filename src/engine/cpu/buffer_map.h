// Where each buffer of a program lies, in each form that somebody reads.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/cpu/block_sizes.h"
#include "engine/cpu/isa/table.h"
#include "engine/cpu/operand_forms.h"
#include "engine/cpu/workspace.h"
#include "engine/memory_plan.h"
#include "engine/program.h"

namespace hasten::engine::cpu {

class BufferMap {
 public:
  BufferMap(const Program& program, const KernelTable& kernels);

  StorageId float32(BufferId buffer) const { return StorageId{index(buffer)}; }
  // Whether the float32 rows are read by others than their writer; if not, there is room for only
  // block_rows() of them, to be used again and again.
  bool keeps_float32(BufferId buffer) const { return kept_[index(buffer)]; }
  std::size_t block_rows(BufferId buffer) const;
  const BlockSizes& block_sizes() const { return block_sizes_; }
  const OperandForms& forms(BufferId buffer) const { return forms_[index(buffer)]; }
  // The forms that an instruction must write along with its output: those that are read before the
  // output is written again.
  const OperandForms& forms_of_writer(std::size_t instruction) const {
    return forms_of_writer_[instruction];
  }

  MemoryPlan plan() const { return MemoryPlan(storages_); }

 private:
  static std::size_t index(BufferId buffer) { return static_cast<std::size_t>(buffer); }
  void note_uses(const Program& program);
  void add_form(const Program& program, std::size_t reader, const Linear& linear);
  StorageId add_copy(BufferId buffer, std::size_t row_bytes);

  const KernelTable& kernels_;
  BlockSizes block_sizes_;
  std::vector<bool> hadamard_;     // see hadamard.h
  std::vector<Storage> storages_;  // one per buffer, then the copies
  std::vector<bool> kept_;
  std::vector<OperandForms> forms_;
  std::vector<OperandForms> forms_of_writer_;
};

}  // namespace hasten::engine::cpu
