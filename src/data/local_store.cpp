#include <algorithm>
#include <system_error>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/mapped_file.h"
#include "data/file_store.h"

namespace hasten::data {
namespace {

namespace fs = std::filesystem;

class LocalFile : public OutputFile {
 public:
  explicit LocalFile(const fs::path& path) : file_(path) {}
  void write(std::span<const std::byte> bytes) override { file_.write(bytes); }
  void commit() override { file_.commit(); }
  bool commit_new() override { return file_.commit_new(); }

 private:
  AtomicFile file_;
};

class LocalStore : public FileStore {
 public:
  explicit LocalStore(fs::path folder) : folder_(std::move(folder)) {}

  std::vector<std::string> list(const std::string& folder) const override;
  std::optional<std::string> read(const std::string& name) const override;
  std::unique_ptr<ByteSource> open(const std::string& name) const override {
    return open_byte_source(folder_ / name);
  }
  std::optional<std::uint64_t> size(const std::string& name) const override;
  std::unique_ptr<OutputFile> create(const std::string& name) override;
  void remove(const std::string& name) override;
  std::string path_of(const std::string& name) const override { return folder_ / name; }
  fs::path scratch_folder() override { return folder_; }

 private:
  fs::path folder_;
};

std::vector<std::string> LocalStore::list(const std::string& folder) const {
  std::vector<std::string> names;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder_ / folder, error);
  if (error == std::errc::no_such_file_or_directory) return names;
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const bool is_temporary = entry->path().filename().string().starts_with('.');
    if (!is_temporary && entry->is_regular_file()) {
      names.push_back(entry->path().lexically_relative(folder_).generic_string());
    }
  }
  if (error) {
    fail(ErrorCode::k_not_found, "the folder cannot be read: " + error.message(), folder_ / folder,
         {}, "Check the path and its permissions.");
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<std::string> LocalStore::read(const std::string& name) const {
  std::error_code error;
  if (!fs::exists(folder_ / name, error)) return std::nullopt;
  try {
    return read_file(folder_ / name);
  } catch (const Error& failure) {
    // Another attempt at the same work may have removed it meanwhile.
    if (failure.code() == ErrorCode::k_not_found && !fs::exists(folder_ / name, error)) {
      return std::nullopt;
    }
    throw;
  }
}

std::optional<std::uint64_t> LocalStore::size(const std::string& name) const {
  std::error_code error;
  const auto bytes = fs::file_size(folder_ / name, error);
  if (error) return std::nullopt;
  return bytes;
}

std::unique_ptr<OutputFile> LocalStore::create(const std::string& name) {
  const fs::path path = folder_ / name;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) {
    fail(ErrorCode::k_output, "the folder cannot be made: " + error.message(), path.parent_path(),
         {}, "Check the path and its permissions.");
  }
  return create_local_file(path);
}

void LocalStore::remove(const std::string& name) {
  std::error_code error;
  fs::remove(folder_ / name, error);
  if (error) {
    fail(ErrorCode::k_output, "cannot be removed: " + error.message(), path_of(name), {},
         "Check the permissions of the folder.");
  }
}

}  // namespace

std::unique_ptr<OutputFile> create_local_file(const fs::path& path) {
  return std::make_unique<LocalFile>(path);
}

std::unique_ptr<FileStore> open_local_store(const fs::path& folder) {
  return std::make_unique<LocalStore>(folder);
}

FileDigest digest_of(ByteSource& source) {
  constexpr std::size_t k_block_bytes = std::size_t{1} << 20;
  std::vector<char> block(k_block_bytes);
  Sha256 hash;
  FileDigest digest;
  while (const std::size_t count = source.read(block)) {
    hash.update(std::as_bytes(std::span(block.data(), count)));
    digest.bytes += count;
  }
  digest.sha256 = hex_of(hash.finish());
  return digest;
}

}  // namespace hasten::data
