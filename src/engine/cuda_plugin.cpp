#include "engine/cuda_plugin.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/plugin_library.h"

namespace hasten::engine {
namespace {

const CudaPlugin* load_plugin() {
  PluginLibrary library;
  try {
    library = open_plugin_library("libhasten_cuda.so");
  } catch (const Error& error) {
    const bool absent = error.code() == ErrorCode::k_not_found;
    fail(ErrorCode::k_unsupported,
         absent ? "the plug-in for GPUs is not installed" : "the plug-in for GPUs cannot be opened",
         error.details().where, error.details().cause,
         absent ? "Build it where the CUDA toolkit is ('make build-cuda') and put "
                  "libhasten_cuda.so beside the "
                  "program, or use --device cpu."
                : "Install the libraries of CUDA that it names (cuBLASLt), or use --device cpu.");
  }
  auto* const factory = reinterpret_cast<CudaFactory*>(library.symbol(k_cuda_factory));
  const CudaPlugin* plugin = factory == nullptr ? nullptr : factory(k_cuda_interface);
  if (plugin == nullptr) {
    fail(ErrorCode::k_unsupported, "the plug-in for GPUs is of another version of Hasten",
         library.path, {}, "Keep libhasten_cuda.so of the same build beside the program.");
  }
  return plugin;
}

}  // namespace

const CudaPlugin& cuda_plugin() {
  // A failed load throws and is tried again on the next call.
  static const CudaPlugin* const k_plugin = load_plugin();
  return *k_plugin;
}

std::vector<int> parse_cuda_devices(const std::string& name) {
  if (name == "cuda") return {0};
  std::vector<int> devices;
  const std::string prefix = "cuda:";
  const char* at = name.data() + std::min(prefix.size(), name.size());
  const char* const end = name.data() + name.size();
  while (name.starts_with(prefix)) {
    int device = 0;
    const auto [stop, error] = std::from_chars(at, end, device);
    if (error != std::errc() || device < 0 ||
        std::count(devices.begin(), devices.end(), device) != 0)
      break;
    devices.push_back(device);
    if (stop == end) return devices;
    if (*stop != ',') break;
    at = stop + 1;
  }
  fail(ErrorCode::k_usage, fmt::format("there is no device {}", name), "--device", {},
       "Use cpu, cuda, cuda:1, cuda:0,1 or auto.");
}

}  // namespace hasten::engine
