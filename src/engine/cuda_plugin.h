// The plug-in libhasten_cuda.so: what needs CUDA, behind an interface that knows none of its types.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/backend.h"
#include "engine/program.h"

namespace hasten::engine {

struct CudaDevice {
  int number = 0;
  std::string name;                // "NVIDIA H100 80GB HBM3"
  std::string compute_capability;  // "9.0"
  std::uint64_t memory_bytes = 0;
  std::uint64_t free_bytes = 0;
  std::string obstacle;  // why it cannot be used; empty when it can
};

struct CudaStatus {
  std::vector<CudaDevice> devices;
  std::string runtime_version;  // that the plug-in was built with: "13.0"
  std::string driver_version;   // the newest that the driver takes; empty: no driver
  std::string obstacle;         // why no device can be used at all; empty when one can
};

// Implemented in cuda/. Threads may share it. A thread that calls it has another current device of CUDA
// afterwards, and so has one that runs a stream.
class CudaPlugin {
 public:
  virtual ~CudaPlugin() = default;
  virtual CudaStatus status() const = 0;
  // On the devices with these numbers, its streams on each in turn. Products at float32 are computed
  // in float32 (never TF32), at bfloat16 and float16 with their operands rounded to it and sums in float32.
  // Throws k_unsupported for an unusable device, a program with int8 or two kinds of products, or an
  // instruction without a kernel there; k_out_of_memory.
  virtual std::unique_ptr<const Executable> prepare(const Program& program,
                                                    const std::vector<int>& devices) const = 0;
  // The rate of a large matrix product on one device, in operations per second (a multiply-add is two).
  virtual double measure_peak(Precision precision, int device) const = 0;
};

// What the plug-in exports. Returns null when it was built for another interface.
inline constexpr int k_cuda_interface = 1;
inline constexpr const char* k_cuda_factory = "hasten_cuda_plugin";
using CudaFactory = const CudaPlugin*(int interface);

// Opens the plug-in on the first call; it stays open. Looked for where base/plugin_library.h says.
// Throws k_unsupported when it is nowhere, cannot be opened or is of another version.
const CudaPlugin& cuda_plugin();

// Which devices a user means: "cuda" (device 0), "cuda:2", "cuda:0,1". Throws k_usage.
std::vector<int> parse_cuda_devices(const std::string& name);

}  // namespace hasten::engine
