#include "write_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <hasten/error.h>

namespace hasten::cli {
namespace {

std::filesystem::path temporary_of(const std::filesystem::path& path) {
  return path.string() + ".partial";
}

[[noreturn]] void fail_to_write(const std::filesystem::path& path, const std::string& reason) {
  throw Error({ErrorCode::k_output,
               "cannot be written: " + reason,
               path,
               {},
               "Name a file in a folder that you may write to."});
}

}  // namespace

void check_can_write(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) fail_to_write(path, "it is a folder");
  errno = 0;
  const bool can = std::ofstream(temporary_of(path), std::ios::binary).is_open();
  if (!can) fail_to_write(path, std::strerror(errno == 0 ? EIO : errno));
  std::filesystem::remove(temporary_of(path), error);
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path temporary = temporary_of(path);
  std::ofstream file(temporary, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(temporary, path, error);
  if (file && !error) return;
  const std::string reason = error ? error.message() : std::strerror(errno == 0 ? EIO : errno);
  std::filesystem::remove(temporary, error);
  fail_to_write(path, reason);
}

}  // namespace hasten::cli
