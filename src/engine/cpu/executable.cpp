#include "engine/cpu/executable.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <variant>

#include "engine/cpu/builder.h"
#include "engine/cpu/stream.h"

namespace hasten::engine::cpu {

PreparedProgram::PreparedProgram(const Program& program, const KernelTable& table)
    : kernels(table),
      weights(program, table.panel_columns),
      plan(storages_of(program)),
      class_count(static_cast<std::size_t>(program.class_count)) {
  const Builder builder{program, kernels, weights};
  assert(builder.rows(program.logits) == Rows::k_sequences);
  assert(builder.width(program.logits) == class_count);
  logits = builder.storage(program.logits);
  for (const Instruction& instruction : program.instructions) {
    operations.push_back(
        std::visit([&](const auto& op) { return make_operation(op, builder); }, instruction));
  }
}

std::size_t PreparedProgram::scratch_bytes(std::size_t longest) const {
  std::size_t bytes = 0;
  for (const auto& operation : operations)
    bytes = std::max(bytes, operation->scratch_bytes(longest));
  return bytes;
}

std::unique_ptr<Stream> CpuExecutable::make_stream(const StreamOptions& options) const {
  return std::make_unique<CpuStream>(prepared_, options);
}

std::string CpuExecutable::description() const {
  return fmt::format("cpu, {}", prepared_->kernels.name);
}

}  // namespace hasten::engine::cpu
