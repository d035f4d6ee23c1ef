// Shared libraries of Hasten's own that are opened only when what they are for is asked for.
#pragma once

#include <string>

namespace hasten {

struct PluginLibrary {
  void* handle = nullptr;  // stays open for as long as the process lives
  std::string path;        // where it was found

  // Null when the library does not export it.
  void* symbol(const char* name) const;
};

// Opens `file_name`. Looked for beside the program or library that this code is part of, beside the
// running program, in lib/hasten next to that one's folder, and last where the system looks for libraries.
// Throws k_not_found when it is nowhere, k_unsupported when it is there and cannot be opened; the cause
// is the system's.
PluginLibrary open_plugin_library(const std::string& file_name);

}  // namespace hasten
