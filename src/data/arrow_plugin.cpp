#include "data/arrow_plugin.h"

#include "base/error.h"
#include "base/plugin_library.h"

namespace hasten::data {
namespace {

constexpr const char* k_remedy =
    "Keep libhasten_arrow.so of the same build beside the program, or in ../lib/hasten.";

PluginLibrary open_library() {
  try {
    return open_plugin_library("libhasten_arrow.so");
  } catch (const Error& error) {
    const auto& [code, what, where, cause, remedy] = error.details();
    if (code == ErrorCode::k_not_found) {
      fail(code, "the plug-in for Parquet and zstd is missing", where, cause, k_remedy);
    }
    fail(code, "the plug-in for Parquet and zstd cannot be opened", where, cause,
         "Install the pinned pyarrow, whose Arrow libraries it needs, where it was at build time.");
  }
}

const ArrowPlugin* load_plugin() {
  const PluginLibrary library = open_library();
  auto* const factory = reinterpret_cast<ArrowFactory*>(library.symbol(k_arrow_factory));
  const ArrowPlugin* plugin = factory == nullptr ? nullptr : factory(k_arrow_interface);
  if (plugin == nullptr) {
    fail(ErrorCode::k_unsupported,
         "the plug-in for Parquet and zstd is of another version of Hasten", library.path, {},
         k_remedy);
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
