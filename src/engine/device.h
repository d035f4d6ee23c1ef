// From the name of a device to a program that is ready to run there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/backend.h"
#include "engine/program.h"

namespace hasten::engine {

struct DeviceOptions {
  std::string name =
      "cpu";  // cpu; cuda, cuda:1, cuda:0,1; auto: the first GPU that can be used, else the CPU
  std::string isa;  // of the CPU: see cpu::CpuOptions
};

struct PreparedDevice {
  std::unique_ptr<const Executable> executable;
  std::vector<int> gpus;  // that it runs on; empty: the CPU
  std::string note;       // what auto chose, and why; empty otherwise
};

// Never falls back in silence. Throws k_usage for a name that is none and for an instruction set asked
// for with a GPU; k_unsupported for a device that is not there or lacks a precision or an instruction.
PreparedDevice prepare_on(const DeviceOptions& options, const Program& program);

}  // namespace hasten::engine
