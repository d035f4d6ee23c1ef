#include "data/arrow/file_systems.h"

#include <arrow/util/config.h>
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

#include "data/arrow/arrow_status.h"

namespace hasten::data {
namespace {

struct Scheme {
  std::string_view name;
  std::string_view parameters;  // that its file system is opened with
};
constexpr std::array<Scheme, 7> k_schemes = {{
    // Small files are one request then, and large ones begin when there is something to send.
    {"s3", "?allow_delayed_open=true"},
    // Else it tries for a quarter of an hour.
    {"gs", "?retry_limit_seconds=60"},
    {"gcs", "?retry_limit_seconds=60"},
    {"abfs", ""},
    {"abfss", ""},
    {"hdfs", ""},
    {"viewfs", ""},
}};

const Scheme& scheme_of(const std::string& path) {
  const std::string_view name = std::string_view(path).substr(0, path.find("://"));
  for (const Scheme& scheme : k_schemes) {
    if (scheme.name == name) return scheme;
  }
  fail(ErrorCode::k_usage, "no store is known by this scheme", path, {},
       "Stores are s3://, gs://, abfs:// and hdfs://; files on a disk have no scheme.");
}

// Arrow keeps its S3 in a library of its own, beside its first one.
void load_s3(const std::string& path) {
  Dl_info arrow{};
  ::dladdr(reinterpret_cast<const void*>(&arrow::fs::LoadFileSystemFactories), &arrow);
  const auto library = std::filesystem::path(arrow.dli_fname == nullptr ? "" : arrow.dli_fname)
                           .replace_filename("libarrow_s3.so." ARROW_SO_VERSION);
  check(arrow::fs::LoadFileSystemFactories(library.c_str()), ErrorCode::k_unsupported,
        "this build of Arrow has no S3", path);
}

// The first lines of what a store says of itself tell the cause; some say hundreds.
arrow::Status shortened(const arrow::Status& status) {
  if (status.ok()) return status;
  constexpr std::size_t k_bytes = 300;
  std::string text = status.message().substr(0, k_bytes);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return {status.code(), text};
}

// The stores that were opened; never destroyed, since threads may still use them at the end.
class OpenStores {
 public:
  // `place` is "s3://bucket".
  PlaceInStore open(const std::string& place, const Scheme& scheme, const std::string& path) {
    const std::lock_guard lock(mutex_);
    auto found = stores_.find(place);
    if (found == stores_.end()) found = stores_.emplace(place, make(place, scheme, path)).first;
    return found->second;
  }

 private:
  PlaceInStore make(const std::string& place, const Scheme& scheme, const std::string& path) {
    if (scheme.name == "s3" && !has_s3_) load_s3(path);
    has_s3_ = has_s3_ || scheme.name == "s3";
    PlaceInStore store;
    auto files = arrow::fs::FileSystemFromUri(place + std::string(scheme.parameters), &store.path);
    check(shortened(files.status()), ErrorCode::k_unsupported, "the store cannot be used", path);
    store.files = std::move(files).ValueUnsafe();
    while (store.path.ends_with('/')) store.path.pop_back();
    // After what the store itself has registered, and so run before it.
    if (!std::exchange(ends_in_order_, true)) std::atexit(arrow::fs::EnsureFinalized);
    return store;
  }

  std::mutex mutex_;
  bool has_s3_ = false;
  bool ends_in_order_ = false;
  std::map<std::string, PlaceInStore> stores_;  // by "s3://bucket"
};

}  // namespace

PlaceInStore place_of(const std::string& path) {
  static OpenStores& stores = *new OpenStores;
  const Scheme& scheme = scheme_of(path);
  const std::size_t begin = scheme.name.size() + std::string_view("://").size();
  const std::size_t end = std::min(path.find('/', begin), path.size());
  if (end == begin) {
    fail(ErrorCode::k_usage, "the path names no bucket", path, {},
         "Give it as " + std::string(scheme.name) + "://BUCKET/FOLDER.");
  }
  PlaceInStore place = stores.open(path.substr(0, end), scheme, path);
  place.path += path.substr(end);
  return place;
}

}  // namespace hasten::data
