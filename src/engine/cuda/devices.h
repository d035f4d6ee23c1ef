// What devices there are, and which one a thread works on.
#pragma once

#include <string>

#include "engine/cuda_plugin.h"

namespace hasten::engine::cuda {

struct Driver {
  std::string runtime_version;  // see CudaStatus
  std::string driver_version;
  std::string obstacle;
  int device_count = 0;  // without an obstacle
};
// Opens a context on no device.
Driver ask_driver();

// Makes it the calling thread's device, which opens a context there: some hundred MiB of its memory.
CudaDevice ask_device(int number);

// Makes a device the calling thread's, and leaves it so: to set it back would open a context on the
// one before.
void use_device(int number);

}  // namespace hasten::engine::cuda
