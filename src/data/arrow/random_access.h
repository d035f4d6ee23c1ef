// Files that are read at any place, local ones and remote ones.
#pragma once

#include <arrow/io/interfaces.h>

#include <filesystem>
#include <memory>

namespace hasten::data {

// Throws k_not_found, also for what is no regular file, and what RemoteFiles throws.
std::shared_ptr<arrow::io::RandomAccessFile> open_random_access(const std::filesystem::path& path);

}  // namespace hasten::data
