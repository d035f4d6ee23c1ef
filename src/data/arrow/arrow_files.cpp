#include "data/arrow/arrow_files.h"

#include <arrow/io/interfaces.h>

#include <algorithm>

#include "data/arrow/arrow_status.h"
#include "data/arrow/file_systems.h"
#include "data/arrow/remote_output.h"

namespace hasten::data {
namespace {

using arrow::fs::FileInfo;
using arrow::fs::FileType;

constexpr const char* k_unreadable = "the store cannot be read";

class RemoteSource : public ByteSource {
 public:
  RemoteSource(std::shared_ptr<arrow::io::InputStream> stream, std::string name)
      : stream_(std::move(stream)), name_(std::move(name)) {}

  std::size_t read(std::span<char> bytes) override {
    const auto count = stream_->Read(static_cast<std::int64_t>(bytes.size()), bytes.data());
    check(count.status(), ErrorCode::k_bad_data, "cannot be read on", name_);
    return static_cast<std::size_t>(*count);
  }
  bool ready() override { return true; }

 private:
  std::shared_ptr<arrow::io::InputStream> stream_;
  std::string name_;
};

RemoteEntry entry_of(const FileInfo& info, std::string path) {
  RemoteEntry entry{std::move(path), info.type() == FileType::Directory, 0, 0};
  if (!entry.is_folder) entry.bytes = static_cast<std::uint64_t>(info.size());
  if (info.mtime() != arrow::fs::kNoTime) entry.changed = info.mtime().time_since_epoch().count();
  return entry;
}

class ArrowFiles : public RemoteFiles {
 public:
  std::optional<RemoteEntry> find(const std::string& path) const override;
  std::vector<RemoteEntry> list(const std::string& folder) const override;
  std::unique_ptr<ByteSource> open(const std::string& path) const override;
  std::unique_ptr<OutputFile> create(const std::string& path) const override {
    return make_remote_output(path);
  }
  void remove(const std::string& path) const override;
};

std::optional<RemoteEntry> ArrowFiles::find(const std::string& path) const {
  const PlaceInStore place = place_of(path);
  const auto info =
      value_of(place.files->GetFileInfo(place.path), ErrorCode::k_not_found, k_unreadable, path);
  if (info.type() == FileType::NotFound) return std::nullopt;
  return entry_of(info, path);
}

std::vector<RemoteEntry> ArrowFiles::list(const std::string& folder) const {
  const PlaceInStore place = place_of(folder);
  arrow::fs::FileSelector selector;
  selector.base_dir = place.path;
  selector.recursive = true;
  selector.allow_not_found = true;
  const auto infos =
      value_of(place.files->GetFileInfo(selector), ErrorCode::k_not_found, k_unreadable, folder);
  std::vector<RemoteEntry> entries;
  for (const FileInfo& info : infos) {
    if (info.type() != FileType::File || !info.path().starts_with(place.path + "/")) continue;
    entries.push_back(entry_of(info, folder + info.path().substr(place.path.size())));
  }
  std::sort(entries.begin(), entries.end(),
            [](const RemoteEntry& a, const RemoteEntry& b) { return a.path < b.path; });
  return entries;
}

std::unique_ptr<ByteSource> ArrowFiles::open(const std::string& path) const {
  const PlaceInStore place = place_of(path);
  return std::make_unique<RemoteSource>(value_of(place.files->OpenInputStream(place.path),
                                                 ErrorCode::k_not_found, "cannot be opened", path),
                                        path);
}

void ArrowFiles::remove(const std::string& path) const {
  if (!find(path)) return;
  const PlaceInStore place = place_of(path);
  const arrow::Status status = place.files->DeleteFile(place.path);
  if (status.ok() || !find(path)) return;  // another attempt may have removed it meanwhile
  check(status, ErrorCode::k_output, "cannot be removed", path);
}

}  // namespace

const RemoteFiles& arrow_files() {
  static const ArrowFiles k_files;
  return k_files;
}

}  // namespace hasten::data
