#include "engine/cpu/executable.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <variant>

#include "engine/cpu/builder.h"
#include "engine/cpu/stream.h"

namespace hasten::engine::cpu {
namespace {

// "cpu, avx2, bf16 computed in fp32"
std::string describe(const Program& program, const KernelTable& kernels) {
  const bool falls_back =
      std::any_of(program.instructions.begin(), program.instructions.end(),
                  [&](const Instruction& instruction) {
                    const auto* linear = std::get_if<Linear>(&instruction);
                    return linear != nullptr && linear->precision == Precision::k_bfloat16 &&
                           available_precision(linear->precision, kernels) != linear->precision;
                  });
  return fmt::format("cpu, {}{}", kernels.name, falls_back ? ", bf16 computed in fp32" : "");
}

}  // namespace

PreparedProgram::PreparedProgram(const Program& program, const KernelTable& table)
    : kernels(table),
      description(describe(program, table)),
      weights(program, table),
      class_count(static_cast<std::size_t>(program.class_count)) {
  const BufferMap buffers(program, table);
  plan = buffers.plan();
  pass_tokens = buffers.block_sizes().pass_tokens;
  Builder builder{program, kernels, weights, buffers, 0};
  assert(builder.rows(program.logits) == Rows::k_sequences);
  assert(builder.width(program.logits) == class_count);
  logits = builder.buffers.float32(program.logits);
  for (const Instruction& instruction : program.instructions) {
    operations.push_back(
        std::visit([&](const auto& op) { return make_operation(op, builder); }, instruction));
    ++builder.instruction;
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
  return prepared_->description;
}

}  // namespace hasten::engine::cpu
