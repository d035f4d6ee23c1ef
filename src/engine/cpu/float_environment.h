// The floating-point environment in which kernels run, whatever the host program has set.
#pragma once

#include <xmmintrin.h>

namespace hasten::engine::cpu {

// While it lives: round to nearest, denormals kept, no traps. Restores what was there.
class FloatEnvironment {
 public:
  FloatEnvironment() : saved_(_mm_getcsr()) { _mm_setcsr(k_default); }
  FloatEnvironment(const FloatEnvironment&) = delete;
  FloatEnvironment& operator=(const FloatEnvironment&) = delete;
  ~FloatEnvironment() { _mm_setcsr(saved_); }

 private:
  static constexpr unsigned k_default = 0x1F80;
  unsigned saved_;
};

}  // namespace hasten::engine::cpu
