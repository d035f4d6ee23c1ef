#include "engine/cpu/buffer_map.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <variant>

#include "engine/cpu/aligned_buffer.h"
#include "engine/cpu/hadamard.h"

namespace hasten::engine::cpu {
namespace {

const Linear* converted_reader(const Instruction& instruction, const KernelTable& kernels) {
  const auto* linear = std::get_if<Linear>(&instruction);
  if (linear == nullptr) return nullptr;
  const bool plain = available_precision(linear->precision, kernels) == Precision::k_float32;
  return plain ? nullptr : linear;
}

}  // namespace

BufferMap::BufferMap(const Program& program, const KernelTable& kernels)
    : kernels_(kernels),
      block_sizes_(cpu::block_sizes(program, kernels)),
      hadamard_(hadamard_buffers(program)),
      kept_(program.buffers.size()) {
  for (const Buffer& buffer : program.buffers) {
    const auto width = static_cast<std::size_t>(buffer.width);
    storages_.push_back({.rows = buffer.rows,
                         .row_bytes = width * sizeof(float),
                         .first = std::numeric_limits<std::size_t>::max()});
    forms_.emplace_back(width, kernels);
  }
  note_uses(program);
  for (const Instruction& instruction : program.instructions) {
    const BufferId output = write_of(instruction);
    forms_of_writer_.emplace_back(static_cast<std::size_t>(program.buffer(output).width), kernels);
  }
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    const Linear* linear = converted_reader(program.instructions[i], kernels);
    if (linear != nullptr) add_form(program, i, *linear);
  }
  for (std::size_t i = 0; i < program.buffers.size(); ++i) {
    if (!kept_[i]) storages_[i].row_limit = block_rows(static_cast<BufferId>(i));
  }
}

void BufferMap::note_uses(const Program& program) {
  const auto use = [&](BufferId buffer, std::size_t instruction) {
    Storage& storage = storages_[index(buffer)];
    storage.first = std::min(storage.first, instruction);
    storage.last = std::max(storage.last, instruction);
  };
  std::vector<bool> by_block(kept_.size(), true);
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    const Instruction& instruction = program.instructions[i];
    const Linear* converted = converted_reader(instruction, kernels_);
    for (const BufferId buffer : reads_of(instruction)) {
      use(buffer, i);
      if (converted == nullptr || buffer == converted->residual) kept_[index(buffer)] = true;
    }
    use(write_of(instruction), i);
    // Only matrix products are written block by block.
    if (!std::holds_alternative<Linear>(instruction))
      by_block[index(write_of(instruction))] = false;
  }
  use(program.logits, program.instructions.size());
  kept_[index(program.logits)] = true;
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    kept_[i] = kept_[i] || !by_block[i];
    storages_[i].first = std::min(storages_[i].first, storages_[i].last);
  }
}

void BufferMap::add_form(const Program& program, std::size_t reader, const Linear& linear) {
  const BufferId buffer = linear.input;
  const Precision precision = available_precision(linear.precision, kernels_);
  const auto field = precision == Precision::k_int8 ? &OperandForms::int8 : &OperandForms::bfloat16;
  std::optional<OperandForm>& form = forms_[index(buffer)].*field;
  if (!form) {
    form.emplace();
    // Whole vectors are written, and rows start on cache lines.
    form->stride = round_up(static_cast<std::size_t>(program.buffer(buffer).width), 64);
    if (precision == Precision::k_int8) {
      form->values = add_copy(buffer, form->stride * kernels_.int8.element_bytes);
      form->row_scales = add_copy(buffer, sizeof(RowScale));
      form->hadamard = hadamard_[index(buffer)];
    } else {
      form->values = add_copy(buffer, form->stride * sizeof(std::uint16_t));
    }
  }
  std::size_t writer = reader;
  while (write_of(program.instructions[writer]) != buffer) --writer;
  forms_of_writer_[writer].*field = form;
}

StorageId BufferMap::add_copy(BufferId buffer, std::size_t row_bytes) {
  Storage copy = storages_[index(buffer)];
  copy.row_bytes = row_bytes;
  storages_.push_back(copy);
  return StorageId{storages_.size() - 1};
}

std::size_t BufferMap::block_rows(BufferId buffer) const {
  return block_sizes_.rows_of_result(storages_[index(buffer)].row_bytes);
}

}  // namespace hasten::engine::cpu
