// CUDA's status codes as hasten::Error.
#pragma once

#include <cuda_runtime.h>

#include <string>

namespace hasten::engine::cuda {

// Throws unless `status` is success: k_out_of_memory for memory of the device, k_incomplete for a
// device that was lost while it worked (what was computed before stands, the rest can be resumed),
// k_unsupported for a card or driver that cannot run this build, k_internal for the rest. `what` is
// a clause that says what failed.
void check(cudaError_t status, const char* what);

// "12.9" of CUDA's 12090.
std::string version_text(int version);

}  // namespace hasten::engine::cuda
