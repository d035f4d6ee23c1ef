#include "data/arrow/random_access.h"

#include <arrow/io/file.h>

#include "data/arrow/arrow_status.h"
#include "data/arrow/file_systems.h"
#include "data/remote_files.h"

namespace hasten::data {

namespace fs = std::filesystem;

std::shared_ptr<arrow::io::RandomAccessFile> open_random_access(const fs::path& path) {
  constexpr const char* k_what = "cannot be opened";
  if (is_remote(path)) {
    const PlaceInStore place = place_of(path);
    return value_of(place.files->OpenInputFile(place.path), ErrorCode::k_not_found, k_what, path);
  }
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    fail(ErrorCode::k_not_found, "is not a regular file, which Parquet has to be", path, {},
         "Give the path of a file.");
  }
  return value_of(arrow::io::ReadableFile::Open(path), ErrorCode::k_not_found, k_what, path);
}

}  // namespace hasten::data
