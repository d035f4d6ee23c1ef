#include "engine/cpu/cpu_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "base/error.h"
#include "engine/cpu/executable.h"
#include "engine/cpu/isa/table.h"

namespace hasten::engine::cpu {
namespace {

std::string known_names() {
  std::string names;
  for (const TableEntry& entry : kernel_tables()) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", entry.table->name);
  }
  return names;
}

const KernelTable& best_table() {
  const auto entries = kernel_tables();
  return *std::find_if(entries.begin(), entries.end(), [](const TableEntry& entry) {
            return entry.available;
          })->table;
}

const KernelTable& table_named(const std::string& name, const char* where) {
  for (const TableEntry& entry : kernel_tables()) {
    if (entry.table->name != name) continue;
    if (entry.available) return *entry.table;
    fail(ErrorCode::k_usage, fmt::format("this processor cannot run instruction set {}", name),
         where, fmt::format("it needs {}", entry.table->needs),
         fmt::format("use {}, the best there is here", best_table().name));
  }
  fail(ErrorCode::k_usage, fmt::format("there is no instruction set {}", name), where, {},
       fmt::format("use one of {}", known_names()));
}

const KernelTable& choose_table(const std::string& isa) {
  if (!isa.empty()) return table_named(isa, "the instruction set asked for");
  const char* variable = std::getenv("HASTEN_ISA");
  if (variable != nullptr && *variable != '\0') {
    return table_named(variable, "the environment variable HASTEN_ISA");
  }
  return best_table();
}

}  // namespace

std::unique_ptr<const Executable> prepare(const Program& program, const CpuOptions& options) {
  const KernelTable& table = choose_table(options.isa);
  for (const Instruction& instruction : program.instructions) {
    const auto* linear = std::get_if<Linear>(&instruction);
    if (linear != nullptr && linear->precision != Precision::k_float32) {
      fail(ErrorCode::k_unsupported, "no kernel of this precision");
    }
  }
  return std::make_unique<CpuExecutable>(program, table);
}

std::vector<InstructionSetStatus> instruction_sets() {
  const KernelTable& chosen = choose_table({});
  std::vector<InstructionSetStatus> result;
  for (const TableEntry& entry : kernel_tables()) {
    result.push_back(
        {entry.table->name, entry.table->needs, entry.available, entry.table == &chosen, "fp32"});
  }
  return result;
}

double measure_peak(Precision /*precision*/, const std::string& isa) {
  using Clock = std::chrono::steady_clock;
  const KernelTable& table = choose_table(isa);
  double best = 0;
  const auto end = Clock::now() + std::chrono::milliseconds(100);
  std::size_t repetitions = 1000;
  for (auto start = Clock::now(); start < end;) {
    const double operations = table.peak_float32(repetitions);
    const auto now = Clock::now();
    const double seconds = std::chrono::duration<double>(now - start).count();
    best = std::max(best, operations / seconds);
    // Pieces of about 5 ms: long enough to time, short enough that one of them is undisturbed.
    if (seconds < 0.005) repetitions *= 2;
    start = now;
  }
  return best;
}

}  // namespace hasten::engine::cpu
