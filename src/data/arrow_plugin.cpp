#include "data/arrow_plugin.h"

#include <dlfcn.h>

#include <string>
#include <system_error>
#include <vector>

#include "base/error.h"

namespace hasten::data {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_library = "libhasten_arrow.so";
constexpr const char* k_remedy =
    "Keep libhasten_arrow.so of the same build beside the program, or in ../lib/hasten.";

std::vector<fs::path> folders() {
  std::vector<fs::path> found;
  static const int k_here = 0;
  Dl_info info{};
  if (::dladdr(&k_here, &info) != 0 && info.dli_fname != nullptr) {
    const fs::path self = info.dli_fname;
    if (self.has_parent_path()) found.push_back(self.parent_path());
  }
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    found.push_back(program.parent_path());
    found.push_back(program.parent_path().parent_path() / "lib" / "hasten");
  }
  return found;
}

void* open_library(const std::string& name) {
  return ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

std::string last_error() {
  const char* error = ::dlerror();
  return error == nullptr ? std::string() : error;
}

// The library's handle and the name under which it was found.
std::pair<void*, std::string> open_plugin() {
  for (const fs::path& folder : folders()) {
    std::error_code error;
    const fs::path path = folder / k_library;
    if (!fs::exists(path, error)) continue;
    if (void* handle = open_library(path)) return {handle, path};
    fail(ErrorCode::k_unsupported, "the plug-in for Parquet and zstd cannot be opened", path,
         last_error(),
         "Install the pinned pyarrow, whose Arrow libraries it needs, where it was at build time.");
  }
  if (void* handle = open_library(k_library)) return {handle, k_library};
  const std::string cause = last_error();
  fail(ErrorCode::k_not_found, "the plug-in for Parquet and zstd is missing", k_library, cause,
       k_remedy);
}

const ArrowPlugin* load_plugin() {
  const auto [handle, name] = open_plugin();
  auto* const factory = reinterpret_cast<ArrowFactory*>(::dlsym(handle, k_arrow_factory));
  const ArrowPlugin* plugin = factory == nullptr ? nullptr : factory(k_arrow_interface);
  if (plugin == nullptr) {
    fail(ErrorCode::k_unsupported,
         "the plug-in for Parquet and zstd is of another version of Hasten", name, {}, k_remedy);
  }
  return plugin;
}

}  // namespace

const ArrowPlugin& arrow_plugin() {
  // A failed load throws and is tried again on the next call.
  static const ArrowPlugin* const k_plugin = load_plugin();
  return *k_plugin;
}

}  // namespace hasten::data
