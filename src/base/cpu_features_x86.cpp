// What a processor of the x86-64 family says of itself (cpuid).
#include "base/cpu_features.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace hasten {
namespace {

struct Leaf {
  std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Leaf leaf(std::uint32_t number, std::uint32_t sub = 0) {
  Leaf out;
  __get_cpuid_count(number, sub, &out.eax, &out.ebx, &out.ecx, &out.edx);
  return out;
}

// Which register files the operating system saves (XCR0).
std::uint64_t saved_state() {
  if ((leaf(1).ecx & (1u << 27)) == 0) return 0;
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<std::uint64_t>(high) << 32) | low;
}

// Linux hands out the tile registers only to a process that asks for them (asm/prctl.h,
// since 5.16).
bool tiles_granted() {
  constexpr long k_request_permission = 0x1023;
  constexpr long k_tile_data = 18;
  return syscall(SYS_arch_prctl, k_request_permission, k_tile_data) == 0;
}

std::string processor_name() {
  std::array<char, 49> text{};
  for (std::uint32_t part = 0; part < 3; ++part) {
    const Leaf words = leaf(0x80000002u + part);
    std::memcpy(text.data() + 16 * part, &words, 16);
  }
  std::string name(text.data());
  while (!name.empty() && name.back() == ' ') name.pop_back();
  return name;
}

bool bit(std::uint32_t word, int position) {
  return ((word >> position) & 1u) != 0;
}

}  // namespace

CpuFeatures detect_cpu_features() {
  CpuFeatures features;
  features.model = processor_name();
  const std::uint64_t state = saved_state();
  const bool ymm = (state & 0x6) == 0x6;
  const bool zmm = (state & 0xE6) == 0xE6;
  const Leaf basic = leaf(1);
  const Leaf extended = leaf(7);
  const Leaf extended1 = leaf(7, 1);
  features.avx2 = ymm && bit(basic.ecx, 12) && bit(basic.ecx, 29) && bit(extended.ebx, 5);
  features.avx512 = features.avx2 && zmm && bit(extended.ebx, 16) && bit(extended.ebx, 17) &&
                    bit(extended.ebx, 30) && bit(extended.ebx, 31);
  features.avx512_vnni = features.avx512 && bit(extended.ecx, 11);
  features.avx512_bf16 = features.avx512 && bit(extended1.eax, 5);
  features.avx_vnni = features.avx2 && bit(extended1.eax, 4);
  const bool tiles = (state & 0x60000) == 0x60000 && bit(extended.edx, 24) && tiles_granted();
  features.amx_int8 = tiles && bit(extended.edx, 25);
  features.amx_bf16 = tiles && bit(extended.edx, 22);
  return features;
}

}  // namespace hasten
