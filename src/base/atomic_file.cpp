#include "base/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <random>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hasten {
namespace {

constexpr int k_name_attempts = 100;
constexpr int k_most_links = 40;  // as Linux follows at most

// A name that no other process is likely to choose; O_EXCL decides.
std::string random_suffix() {
  static constexpr std::string_view k_letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  std::string suffix;
  for (int i = 0; i < 10; ++i) suffix += k_letters[random() % k_letters.size()];
  return suffix;
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path target) : target_(std::move(target)) {
  std::error_code absent;
  // "-" stands for a stream elsewhere.
  if (target_ == "-" || (std::filesystem::exists(target_, absent) &&
                         !std::filesystem::is_regular_file(target_, absent))) {
    fail(ErrorCode::k_output, "not a regular file", target_, "a folder, pipe or device was named",
         "Name a file.");
  }
  for (int link = 0; link < k_most_links && std::filesystem::is_symlink(target_, absent); ++link) {
    target_ = folder_of(target_) / std::filesystem::read_symlink(target_, absent);
  }
  descriptor_ = ::open(folder_of(target_).c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0666);
  if (descriptor_ >= 0) {
    temporary_ = "/proc/self/fd/" + std::to_string(descriptor_);
    return;
  }
  for (int attempt = 0; attempt < k_name_attempts && descriptor_ < 0; ++attempt) {
    temporary_ = random_sibling();
    descriptor_ = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && errno != EEXIST) break;
  }
  if (descriptor_ < 0) fail_with_errno("cannot be created");
  named_ = true;
}

// A hidden name beside the target that nothing has yet.
std::filesystem::path AtomicFile::random_sibling() const {
  return folder_of(target_) / ("." + target_.filename().string() + "." + random_suffix());
}

// Gives an unnamed file a name, which rename() needs.
void AtomicFile::give_name() {
  for (int attempt = 0; attempt < k_name_attempts && !named_; ++attempt) {
    const std::filesystem::path name = random_sibling();
    named_ = ::linkat(AT_FDCWD, temporary_.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
    if (named_) temporary_ = name;
    if (!named_ && errno != EEXIST) break;
  }
  if (!named_) fail_with_errno("cannot be given a name");
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  if (named_) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_with_errno("cannot be written");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

// A failed fsync is final: the system may have dropped the pages, so a second try proves nothing.
void AtomicFile::flush_file() const {
  if (::fsync(descriptor_) != 0) fail_with_errno("cannot be flushed to the disk");
}

void AtomicFile::flush_folder() {
  ::close(descriptor_);
  descriptor_ = -1;
  const int folder = ::open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  const int result = ::fsync(folder);
  ::close(folder);
  if (result != 0 && errno != EINVAL) fail_with_errno("lies in a folder that cannot be flushed");
}

void AtomicFile::commit() {
  flush_file();
  if (!named_) give_name();
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail_with_errno("cannot be put in place");
  flush_folder();
}

// A second name is never given to a file that exists, which rename() would replace. Where the file
// system knows no second names, renaming can be told the same.
bool AtomicFile::link_new() const {
  if (::linkat(AT_FDCWD, temporary_.c_str(), AT_FDCWD, target_.c_str(), AT_SYMLINK_FOLLOW) == 0) {
    if (named_) ::unlink(temporary_.c_str());
    return true;
  }
  if (errno == EEXIST) return false;
  if (named_ &&
      ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) == 0) {
    return true;
  }
  if (errno == EEXIST) return false;
  fail_with_errno("cannot be put in place");
}

bool AtomicFile::commit_new() {
  flush_file();
  if (!link_new()) return false;
  flush_folder();
  return true;
}

void AtomicFile::fail_with_errno(const char* action) const {
  fail(ErrorCode::k_output, std::string(action) + ": " + std::strerror(errno), target_, {},
       "Check that the folder exists, is writable and has room.");
}

}  // namespace hasten
