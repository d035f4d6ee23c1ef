#include "engine/cuda/status.h"

#include <fmt/format.h>

#include "base/error.h"

namespace hasten::engine::cuda {
namespace {

bool is_lost(cudaError_t status) {
  switch (status) {
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchFailure:
    case cudaErrorECCUncorrectable:
    case cudaErrorHardwareStackError:
    case cudaErrorDevicesUnavailable:
    case cudaErrorLaunchTimeout:
    case cudaErrorUnknown:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string version_text(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // so that the next call does not report this failure again
  const std::string cause = cudaGetErrorString(status);
  if (status == cudaErrorMemoryAllocation) {
    fail(ErrorCode::k_out_of_memory, what, "the GPU's memory", cause,
         "Free the GPU of other programs, or use --device cpu.");
  }
  if (status == cudaErrorNoKernelImageForDevice || status == cudaErrorInsufficientDriver) {
    fail(ErrorCode::k_unsupported, what, "the GPU", cause,
         "'hasten inspect --devices' says what is there; --device cpu needs no GPU.");
  }
  if (is_lost(status)) {
    fail(ErrorCode::k_incomplete, "the GPU stopped working", "the GPU", cause,
         "What was written stands: run the same command again, on another GPU if this one stays "
         "lost.");
  }
  fail(ErrorCode::k_internal, what, "the GPU", cause,
       "Please report this, with the command that caused it.");
}

}  // namespace hasten::engine::cuda
