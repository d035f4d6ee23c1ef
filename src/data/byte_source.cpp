#include "data/byte_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "data/remote_files.h"

namespace hasten::data {
namespace {

class DescriptorSource : public ByteSource {
 public:
  DescriptorSource(int descriptor, std::string name, bool owned)
      : descriptor_(descriptor), name_(std::move(name)), owned_(owned) {}
  ~DescriptorSource() override {
    if (owned_) ::close(descriptor_);
  }
  DescriptorSource(const DescriptorSource&) = delete;
  DescriptorSource& operator=(const DescriptorSource&) = delete;

  std::size_t read(std::span<char> bytes) override {
    for (;;) {
      const ssize_t count = ::read(descriptor_, bytes.data(), bytes.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno == EAGAIN)
        wait();
      else if (errno != EINTR)
        fail_with_errno();
    }
  }

  bool ready() override {
    pollfd request{descriptor_, POLLIN, 0};
    return ::poll(&request, 1, 0) > 0;
  }

 private:
  // For a descriptor that somebody else has made non-blocking, as shells do with terminals.
  void wait() {
    pollfd request{descriptor_, POLLIN, 0};
    ::poll(&request, 1, -1);
  }

  [[noreturn]] void fail_with_errno() const {
    fail(ErrorCode::k_bad_data, std::string("cannot be read on: ") + std::strerror(errno), name_);
  }

  int descriptor_;
  std::string name_;
  bool owned_;
};

}  // namespace

std::string input_name(const std::filesystem::path& path) {
  return path == "-" ? "standard input" : path.string();
}

std::unique_ptr<ByteSource> descriptor_source(int descriptor, std::string name) {
  return std::make_unique<DescriptorSource>(descriptor, std::move(name), false);
}

std::unique_ptr<ByteSource> open_byte_source(const std::filesystem::path& path) {
  if (is_remote(path)) return remote_files().open(path);
  if (path == "-") return descriptor_source(STDIN_FILENO, input_name(path));
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    fail(ErrorCode::k_not_found, std::string("cannot be opened: ") + std::strerror(errno), path, {},
         "Check the path and its permissions.");
  }
  auto source = std::make_unique<DescriptorSource>(descriptor, input_name(path), true);
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
    fail(ErrorCode::k_not_found, "is a folder, not a file", path, {}, "Give the path of a file.");
  }
  return source;
}

}  // namespace hasten::data
