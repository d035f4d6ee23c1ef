// The tests on a card: without one they fail, since nothing of them was run.
#include <gtest/gtest.h>

#include "engine/cuda/cuda_backend.h"

namespace hasten::engine::cuda {
namespace {

class Device : public testing::Environment {
 public:
  void SetUp() override {
    const CudaStatus there = status();
    if (!there.obstacle.empty()) FAIL() << there.obstacle;
    if (!there.devices.front().obstacle.empty()) FAIL() << there.devices.front().obstacle;
  }
};

[[maybe_unused]] testing::Environment* const k_device =
    testing::AddGlobalTestEnvironment(new Device());

}  // namespace
}  // namespace hasten::engine::cuda
