// The most memory that this process has held.
#pragma once

#include <cstdint>

namespace hasten::api {

// Bytes resident at most, since the process began or reset_peak_memory() last worked.
std::uint64_t peak_memory();

// Gives freed memory back to the system and starts the measurement again; false where the system
// does not let it, and then peak_memory() goes on from before.
bool reset_peak_memory();

}  // namespace hasten::api
