#include "engine/cuda/storage_map.h"

#include <algorithm>
#include <limits>
#include <variant>

namespace hasten::engine::cuda {

StorageMap::StorageMap(const Program& program, std::size_t narrow_bytes)
    : narrow_bytes_(narrow_bytes),
      needs_float32_(program.buffers.size()),
      needs_narrow_(program.buffers.size()),
      first_(program.buffers.size(), std::numeric_limits<std::size_t>::max()),
      last_(program.buffers.size()),
      forms_(program.buffers.size()),
      products_(program.instructions.size()),
      float8_(program.instructions.size()) {
  for (const Instruction& instruction : program.instructions) note_reads(instruction);
  need(program.logits, false);
  note_lives(program);
  for (std::size_t i = 0; i < program.buffers.size(); ++i) {
    const auto buffer = static_cast<BufferId>(i);
    if (needs_float32_[i]) forms_[i].float32 = add_storage(program, buffer, sizeof(float));
    if (needs_narrow_[i]) forms_[i].narrow = add_storage(program, buffer, narrow_bytes);
  }
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    const auto* linear = std::get_if<Linear>(&program.instructions[i]);
    if (linear != nullptr) add_scratch(program, *linear, i);
  }
}

void StorageMap::add_scratch(const Program& program, const Linear& linear,
                             std::size_t instruction) {
  const Rows rows = program.buffer(linear.output).rows;
  const bool float8 = linear.precision == Precision::k_float8;
  if (linear.residual == linear.output && (float8 || linear.activation != Activation::k_none)) {
    const auto outputs = static_cast<std::size_t>(program.buffer(linear.output).width);
    products_[instruction] = add_scratch(rows, outputs * sizeof(float), instruction);
  }
  if (!float8) return;
  const auto inputs = static_cast<std::size_t>(linear.weight.inputs());
  float8_[instruction] = {add_scratch(rows, inputs, instruction),
                          add_scratch(rows, sizeof(float), instruction)};
}

StorageId StorageMap::add_scratch(Rows rows, std::size_t row_bytes, std::size_t instruction) {
  storages_.push_back(
      {.rows = rows, .row_bytes = row_bytes, .first = instruction, .last = instruction});
  return StorageId{storages_.size() - 1};
}

void StorageMap::need(BufferId buffer, bool narrow) {
  if (buffer == k_no_buffer) return;
  (narrow && narrow_bytes_ != 0 ? needs_narrow_ : needs_float32_)[index(buffer)] = true;
}

void StorageMap::note_reads(const Instruction& instruction) {
  if (const auto* linear = std::get_if<Linear>(&instruction)) {
    need(linear->input, true);
    need(linear->residual, false);
    return;
  }
  const bool narrow = std::holds_alternative<Attention>(instruction);
  for (const BufferId buffer : reads_of(instruction)) need(buffer, narrow);
}

void StorageMap::note_lives(const Program& program) {
  const auto use = [this](BufferId buffer, std::size_t at) {
    first_[index(buffer)] = std::min(first_[index(buffer)], at);
    last_[index(buffer)] = std::max(last_[index(buffer)], at);
  };
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    for (const BufferId buffer : reads_of(program.instructions[i])) use(buffer, i);
    use(write_of(program.instructions[i]), i);
  }
  use(program.logits, program.instructions.size());
}

StorageId StorageMap::add_storage(const Program& program, BufferId buffer,
                                  std::size_t element_bytes) {
  const Buffer& shape = program.buffer(buffer);
  storages_.push_back({.rows = shape.rows,
                       .row_bytes = static_cast<std::size_t>(shape.width) * element_bytes,
                       .first = first_[index(buffer)],
                       .last = last_[index(buffer)]});
  return StorageId{storages_.size() - 1};
}

}  // namespace hasten::engine::cuda
