#include <algorithm>

#include "base/error.h"
#include "data/file_store.h"
#include "data/remote_files.h"

namespace hasten::data {
namespace {

class RemoteStore : public FileStore {
 public:
  RemoteStore(const RemoteFiles& files, std::string folder)
      : files_(files), folder_(std::move(folder)) {
    while (folder_.ends_with('/')) folder_.pop_back();
  }

  std::vector<std::string> list(const std::string& folder) const override;
  std::optional<std::string> read(const std::string& name) const override;
  std::unique_ptr<ByteSource> open(const std::string& name) const override {
    return files_.open(path_of(name));
  }
  std::optional<std::uint64_t> size(const std::string& name) const override;
  std::unique_ptr<OutputFile> create(const std::string& name) override {
    return files_.create(path_of(name));
  }
  void remove(const std::string& name) override { files_.remove(path_of(name)); }
  std::string path_of(const std::string& name) const override {
    return name.empty() ? folder_ : folder_ + "/" + name;
  }
  std::filesystem::path scratch_folder() override { return std::filesystem::temp_directory_path(); }

 private:
  const RemoteFiles& files_;
  std::string folder_;
};

std::vector<std::string> RemoteStore::list(const std::string& folder) const {
  std::vector<std::string> names;
  for (const RemoteEntry& entry : files_.list(path_of(folder))) {
    names.push_back(entry.path.substr(folder_.size() + 1));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<std::string> RemoteStore::read(const std::string& name) const {
  if (!size(name)) return std::nullopt;
  constexpr std::size_t k_block_bytes = std::size_t{1} << 16;
  std::vector<char> block(k_block_bytes);
  std::string text;
  try {
    const auto source = open(name);
    while (const std::size_t count = source->read(block)) text.append(block.data(), count);
  } catch (const Error&) {
    // Another attempt at the same work may have removed it meanwhile.
    if (!size(name)) return std::nullopt;
    throw;
  }
  return text;
}

std::optional<std::uint64_t> RemoteStore::size(const std::string& name) const {
  const auto entry = files_.find(path_of(name));
  if (!entry || entry->is_folder) return std::nullopt;
  return entry->bytes;
}

}  // namespace

std::unique_ptr<OutputFile> create_file(const std::filesystem::path& path) {
  return is_remote(path) ? remote_files().create(path) : create_local_file(path);
}

std::unique_ptr<FileStore> make_remote_store(const RemoteFiles& files, const std::string& folder) {
  return std::make_unique<RemoteStore>(files, folder);
}

std::unique_ptr<FileStore> open_store(const std::filesystem::path& folder) {
  if (is_remote(folder)) return make_remote_store(remote_files(), folder);
  return open_local_store(folder);
}

}  // namespace hasten::data
