#include "write_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <hasten/error.h>

namespace hasten::cli {

void write_file(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path temporary = path.string() + ".partial";
  std::ofstream file(temporary, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(temporary, path, error);
  if (file && !error) return;
  const std::string reason = error ? error.message() : std::strerror(errno == 0 ? EIO : errno);
  std::filesystem::remove(temporary, error);
  throw Error({ErrorCode::k_output,
               "cannot be written: " + reason,
               path,
               {},
               "Name a file in a folder that you may write to."});
}

}  // namespace hasten::cli
