// What a loop that waits for another thread does between two looks.
#pragma once

namespace hasten {

// Leaves the core's resources to its other threads for some tens of cycles.
inline void spin_pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  __asm__ volatile("isb" ::: "memory");  // Arm's yield does nothing on most cores
#endif
}

}  // namespace hasten
