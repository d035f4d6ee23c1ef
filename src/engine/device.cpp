#include "engine/device.h"

#include <fmt/format.h>

#include <variant>

#include "base/error.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/cuda_plugin.h"
#include "engine/fold_attention.h"
#include "engine/precision_plan.h"

namespace hasten::engine {
namespace {

std::unique_ptr<const Executable> prepare_on_cpu(const std::string& isa, const Program& program) {
  for (const Instruction& instruction : program.instructions) {
    const auto* linear = std::get_if<Linear>(&instruction);
    if (linear == nullptr) continue;
    if (linear->precision != Precision::k_float16 && linear->precision != Precision::k_float8)
      continue;
    fail(ErrorCode::k_unsupported,
         fmt::format("{} does not run on a CPU", name_of(linear->precision)), "--precision", {},
         "Use --precision bf16 or int8, or --device cuda.");
  }
  Program folded = program;
  fold_attention(folded);
  return cpu::prepare(folded, {isa});
}

PreparedDevice prepare_on_gpu(const DeviceOptions& options, const Program& program) {
  std::vector<int> devices = parse_cuda_devices(options.name);
  if (!options.isa.empty()) {
    fail(ErrorCode::k_usage, "an instruction set is chosen for a GPU, which has none", "--isa", {},
         "Leave out --isa, or use --device cpu.");
  }
  auto executable = cuda_plugin().prepare(program, devices);
  return {std::move(executable), std::move(devices), {}};
}

// Empty when the plug-in can be used.
std::string obstacle_of_plug_in() {
  try {
    cuda_plugin();
    return {};
  } catch (const Error& error) {
    return error.details().what;
  }
}

std::string reason_of(const ErrorDetails& details) {
  return details.cause.empty() ? details.what : fmt::format("{}: {}", details.what, details.cause);
}

PreparedDevice prepare_on_best(const DeviceOptions& options, const Program& program) {
  std::string obstacle =
      options.isa.empty() ? obstacle_of_plug_in() : "an instruction set was asked for";
  if (obstacle.empty()) {
    try {
      PreparedDevice prepared = prepare_on_gpu({"cuda", {}}, program);
      prepared.note = "--device auto chose the GPU.";
      return prepared;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::k_unsupported && error.code() != ErrorCode::k_out_of_memory)
        throw;
      obstacle = reason_of(error.details());
    }
  }
  return {prepare_on_cpu(options.isa, program),
          {},
          fmt::format("--device auto chose the CPU: {}.", obstacle)};
}

}  // namespace

PreparedDevice prepare_on(const DeviceOptions& options, const Program& program) {
  if (options.name == "cpu") return {prepare_on_cpu(options.isa, program), {}, {}};
  if (options.name == "auto") return prepare_on_best(options, program);
  return prepare_on_gpu(options, program);
}

}  // namespace hasten::engine
