#include "base/plugin_library.h"

#include <dlfcn.h>

#include <filesystem>
#include <system_error>
#include <vector>

#include "base/error.h"

namespace hasten {
namespace {

namespace fs = std::filesystem;

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

}  // namespace

void* PluginLibrary::symbol(const char* name) const {
  return ::dlsym(handle, name);
}

PluginLibrary open_plugin_library(const std::string& file_name) {
  for (const fs::path& folder : folders()) {
    std::error_code error;
    const fs::path path = folder / file_name;
    if (!fs::exists(path, error)) continue;
    if (void* handle = open_library(path)) return {handle, path};
    fail(ErrorCode::k_unsupported, "the library cannot be opened", path, last_error());
  }
  if (void* handle = open_library(file_name)) return {handle, file_name};
  fail(ErrorCode::k_not_found, "the library is missing", file_name, last_error());
}

}  // namespace hasten
