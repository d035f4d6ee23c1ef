// The door of libhasten_cuda.so.
#include "engine/cuda/cuda_backend.h"

namespace {

class Plugin final : public hasten::engine::CudaPlugin {
 public:
  hasten::engine::CudaStatus status() const override { return hasten::engine::cuda::status(); }
  std::unique_ptr<const hasten::engine::Executable> prepare(
      const hasten::engine::Program& program, const std::vector<int>& devices) const override {
    return hasten::engine::cuda::prepare(program, devices);
  }
  double measure_peak(hasten::engine::Precision precision, int device) const override {
    return hasten::engine::cuda::measure_peak(precision, device);
  }
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const hasten::engine::CudaPlugin*
hasten_cuda_plugin(int interface) {
  static const Plugin k_plugin;
  return interface == hasten::engine::k_cuda_interface ? &k_plugin : nullptr;
}
