#include "engine/cuda_plugin.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace hasten::engine {
namespace {

// This program lies in a folder where the plug-in is not.
TEST(CudaPlugin, SaysThatItIsMissing) {
  try {
    cuda_plugin();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::k_unsupported);
    EXPECT_THAT(error.what(), testing::HasSubstr("libhasten_cuda.so"));
    EXPECT_THAT(error.what(), testing::HasSubstr("--device cpu"));
  }
}

TEST(CudaPlugin, ReadsDeviceNames) {
  using testing::ElementsAre;
  EXPECT_THAT(parse_cuda_devices("cuda"), ElementsAre(0));
  EXPECT_THAT(parse_cuda_devices("cuda:3"), ElementsAre(3));
  EXPECT_THAT(parse_cuda_devices("cuda:0,2"), ElementsAre(0, 2));
  for (const char* name :
       {"cuda:", "cuda:a", "cuda:1,", "cuda:1,1", "cuda:-1", "gpu", "cuda:1x", ""}) {
    EXPECT_THROW(parse_cuda_devices(name), Error) << name;
  }
}

}  // namespace
}  // namespace hasten::engine
