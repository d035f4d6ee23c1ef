#include "engine/cpu/isa/cpu_features.h"

#include <cpuid.h>

#include <cstdint>

namespace hasten::engine::cpu {
namespace {

struct Registers {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

// Zeros for a leaf that the processor does not have.
Registers query(unsigned leaf, unsigned subleaf) {
  Registers r;
  if (__get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx) == 0) return {};
  return r;
}

bool has(unsigned word, int bit) {
  return ((word >> bit) & 1U) != 0;
}

// The register states that the operating system saves (XCR0).
std::uint64_t saved_states() {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<std::uint64_t>(high) << 32) | low;
}

// Bits as in Intel's Software Developer's Manual, volume 2, CPUID; XCR0 in volume 1, 13.3.
CpuFeatures detect() {
  CpuFeatures features;
  const Registers basic = query(1, 0);
  const bool osxsave = has(basic.ecx, 27);
  if (!osxsave) return features;
  const std::uint64_t states = saved_states();
  const bool ymm_saved = (states & 0x6) == 0x6;
  const bool zmm_saved = (states & 0xE6) == 0xE6;
  const Registers extended = query(7, 0);
  const Registers more = extended.eax >= 1 ? query(7, 1) : Registers{};
  const bool avx = has(basic.ecx, 28) && has(basic.ecx, 12);
  features.avx2_fma = ymm_saved && avx && has(extended.ebx, 5);
  features.avx_vnni = features.avx2_fma && has(more.eax, 4);
  features.avx512 = features.avx2_fma && zmm_saved && has(extended.ebx, 16) &&
                    has(extended.ebx, 17) && has(extended.ebx, 30) && has(extended.ebx, 31);
  features.avx512_vnni = features.avx512 && has(extended.ecx, 11);
  features.avx512_bf16 = features.avx512_vnni && has(more.eax, 5);
  return features;
}

}  // namespace

const CpuFeatures& cpu_features() {
  static const CpuFeatures features = detect();
  return features;
}

}  // namespace hasten::engine::cpu
