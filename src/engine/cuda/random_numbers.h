// Numbers as they are in a model, for measuring: a device that multiplies zeros runs cooler, and faster.
#pragma once

#include <cstddef>

#include "engine/cuda/memory.h"
#include "engine/cuda/product.h"

namespace hasten::engine::cuda {

// `count` normal numbers on the current device, a block of them over and over.
DeviceMemory random_numbers(NumberType type, std::size_t count);

}  // namespace hasten::engine::cuda
