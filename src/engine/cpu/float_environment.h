// The floating-point environment in which kernels run, whatever the host program has set.
#pragma once

#if defined(__x86_64__)
#include <xmmintrin.h>
#else
#include <cstdint>
#endif

namespace hasten::engine::cpu {

// While it lives: round to nearest, denormals kept, no traps. Restores what was there.
class FloatEnvironment {
 public:
  FloatEnvironment() : saved_(get()) { set(k_default); }
  FloatEnvironment(const FloatEnvironment&) = delete;
  FloatEnvironment& operator=(const FloatEnvironment&) = delete;
  ~FloatEnvironment() { set(saved_); }

 private:
#if defined(__x86_64__)
  using Control = unsigned;
  static constexpr Control k_default = 0x1F80;
  static Control get() {
    return _mm_getcsr();
  }
  static void set(Control control) {
    _mm_setcsr(control);
  }
#else  // 64-bit Arm
  using Control = std::uint64_t;
  static constexpr Control k_default = 0;
  static Control get() {
    Control control = 0;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    return control;
  }
  static void set(Control control) {
    __asm__ volatile("msr fpcr, %0" : : "r"(control));
  }
#endif
  Control saved_;
};

}  // namespace hasten::engine::cpu
