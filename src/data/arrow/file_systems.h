// Arrow's file systems by the paths that name them.
#pragma once

#include <arrow/filesystem/filesystem.h>

#include <memory>
#include <string>

namespace hasten::data {

struct PlaceInStore {
  std::shared_ptr<arrow::fs::FileSystem> files;
  std::string path;  // as `files` names it
};

// Opens the store of a path such as s3://bucket/tweets on the first call; it stays open until the
// program ends. Endpoint, region and credentials come from the environment, as with the stores' own
// tools, so that no path holds a secret. Throws k_usage for a scheme that is not known,
// k_unsupported for one that this build of Arrow has not or that lacks a library, with the reason.
PlaceInStore place_of(const std::string& path);

}  // namespace hasten::data
