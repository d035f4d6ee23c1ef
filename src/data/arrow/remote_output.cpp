#include "data/arrow/remote_output.h"

#include <arrow/io/interfaces.h>

#include "data/arrow/arrow_status.h"
#include "data/arrow/file_systems.h"

namespace hasten::data {
namespace {

using arrow::fs::FileType;

constexpr const char* k_remedy =
    "Check the endpoint, region and credentials in the environment, and that the bucket exists.";

class RemoteOutput : public OutputFile {
 public:
  explicit RemoteOutput(const std::string& path)
      : where_(path), place_(place_of(path)), stream_(open()) {}
  // Arrow's streams end an upload when they go, which would show half a file.
  ~RemoteOutput() override {
    if (!stream_->closed()) static_cast<void>(stream_->Abort());
  }

  void write(std::span<const std::byte> bytes) override {
    check_output(stream_->Write(bytes.data(), static_cast<std::int64_t>(bytes.size())));
  }
  void commit() override { check_output(stream_->Close()); }
  bool commit_new() override {
    if (exists()) {
      check_output(stream_->Abort());
      return false;
    }
    commit();
    return true;
  }

 private:
  void check_output(const arrow::Status& status) const {
    if (status.ok()) return;
    fail(ErrorCode::k_output, "cannot be written", where_, status.ToStringWithoutContextLines(),
         k_remedy);
  }
  std::shared_ptr<arrow::io::OutputStream> open() const {
    auto stream = place_.files->OpenOutputStream(place_.path);
    check_output(stream.status());
    return std::move(stream).ValueUnsafe();
  }
  bool exists() const {
    const auto info = place_.files->GetFileInfo(place_.path);
    check_output(info.status());
    return info->type() != FileType::NotFound;
  }

  std::string where_;
  PlaceInStore place_;
  std::shared_ptr<arrow::io::OutputStream> stream_;
};

}  // namespace

std::unique_ptr<OutputFile> make_remote_output(const std::string& path) {
  return std::make_unique<RemoteOutput>(path);
}

}  // namespace hasten::data
