// The tests on a card: skipped where there is none, and counted as such.
#include <gtest/gtest.h>

#include "engine/cuda/cuda_backend.h"

namespace hasten::engine::cuda {
namespace {

class Device : public testing::Environment {
 public:
  void SetUp() override {
    const CudaStatus there = status();
    if (!there.obstacle.empty()) GTEST_SKIP() << there.obstacle;
    if (!there.devices.front().obstacle.empty()) GTEST_SKIP() << there.devices.front().obstacle;
  }
};

[[maybe_unused]] testing::Environment* const k_device = testing::AddGlobalTestEnvironment(new Device());

}  // namespace
}  // namespace hasten::engine::cuda
