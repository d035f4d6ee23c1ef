#include "engine/cpu/cpu_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "base/error.h"
#include "engine/cpu/executable.h"
#include "engine/cpu/isa/table.h"
#include "engine/cpu/operand_forms.h"

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

// Of the precision that is computed in: bfloat16 falls back to float32.
PeakKernel peak_kernel(Precision precision, const KernelTable& table) {
  switch (available_precision(precision, table)) {
    case Precision::k_float32:
      return table.peak_float32;
    case Precision::k_bfloat16:
      return table.bfloat16.peak;
    case Precision::k_int8:
      return table.int8.peak;
    case Precision::k_int8_plain:  // is computed in k_int8
    case Precision::k_float16:
    case Precision::k_float8:
      break;  // engine/device.cpp refuses them
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<const Executable> prepare(const Program& program, const CpuOptions& options) {
  return std::make_unique<CpuExecutable>(program, choose_table(options.isa));
}

const KernelTable& chosen_kernels() {
  return choose_table({});
}

std::vector<InstructionSetStatus> instruction_sets() {
  const KernelTable& chosen = choose_table({});
  std::vector<InstructionSetStatus> result;
  for (const TableEntry& entry : kernel_tables()) {
    result.push_back({entry.table->name, entry.table->needs, entry.available,
                      entry.table == &chosen,
                      entry.table->bfloat16.gemm == nullptr ? "fp32, int8" : "fp32, bf16, int8"});
  }
  return result;
}

double measure_peak(Precision precision, const std::string& isa) {
  using Clock = std::chrono::steady_clock;
  const KernelTable& table = choose_table(isa);
  const PeakKernel kernel = peak_kernel(precision, table);
  double best = 0;
  const auto end = Clock::now() + std::chrono::milliseconds(100);
  std::size_t repetitions = 1000;
  for (auto start = Clock::now(); start < end;) {
    const double operations = kernel(repetitions);
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
