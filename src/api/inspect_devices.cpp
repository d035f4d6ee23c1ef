#include <hasten/inspect.h>

#include "base/error.h"
#include "engine/cuda_plugin.h"

namespace hasten {

DeviceSummary inspect_devices() {
  DeviceSummary summary;
  engine::CudaStatus status;
  try {
    status = engine::cuda_plugin().status();
  } catch (const Error& error) {
    summary.obstacle = error.details().what + ": " + error.details().cause;
    return summary;
  }
  summary.runtime_version = status.runtime_version;
  summary.driver_version = status.driver_version;
  summary.obstacle = status.obstacle;
  for (const engine::CudaDevice& device : status.devices) {
    summary.devices.push_back({device.number, device.name, device.compute_capability,
                               device.memory_bytes, device.free_bytes, device.obstacle});
  }
  return summary;
}

}  // namespace hasten
