// What Linux says of a 64-bit Arm (hardware capabilities of the auxiliary vector).
#include <asm/hwcap.h>
#include <sys/auxv.h>

#include <fstream>
#include <string>

#include "base/cpu_features.h"

namespace hasten {
namespace {

// The processor calls itself by numbers only; boards and virtual machines may name it.
std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  std::string implementer, part;
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) continue;
    const std::string value = line.substr(colon + 2);
    if (line.rfind("model name", 0) == 0) return value;
    if (line.rfind("CPU implementer", 0) == 0) implementer = value;
    if (line.rfind("CPU part", 0) == 0) part = value;
  }
  if (implementer.empty()) return "64-bit Arm";
  return "64-bit Arm (implementer " + implementer + ", part " + part + ")";
}

}  // namespace

CpuFeatures detect_cpu_features() {
  CpuFeatures features;
  features.model = processor_name();
  const unsigned long first = getauxval(AT_HWCAP);
  const unsigned long second = getauxval(AT_HWCAP2);
  features.neon_dotprod = (first & HWCAP_ASIMDDP) != 0;
  features.neon_i8mm = features.neon_dotprod && (second & HWCAP2_I8MM) != 0;
  features.neon_bf16 = (second & HWCAP2_BF16) != 0;
  return features;
}

}  // namespace hasten
