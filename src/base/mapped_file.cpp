#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/error.h"

namespace hasten {
namespace {

// A file descriptor that closes itself.
struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

}  // namespace

// A deleter of its own tells mappings from other owners of bytes.
struct MappedFile::Unmap {
  void operator()(const MappedFile* file) const { delete file; }
};

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path) {
  // Without O_NONBLOCK, opening a FIFO would wait for ever.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0) {
    fail(ErrorCode::k_not_found, std::string("cannot be opened: ") + std::strerror(errno), path, {},
         "Check the path and its permissions.");
  }
  struct stat status {};
  if (::fstat(file.number, &status) != 0 || !S_ISREG(status.st_mode)) {
    fail(ErrorCode::k_malformed, "not a regular file", path, "a folder, pipe or device was given",
         "Give the path of a file.");
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return {new MappedFile({}), Unmap()};
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (address == MAP_FAILED) {
    fail(ErrorCode::k_out_of_memory, std::string("cannot be mapped: ") + std::strerror(errno),
         path);
  }
  return {new MappedFile({static_cast<const std::byte*>(address), size}), Unmap()};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

void release_pages(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner) {
  if (std::get_deleter<MappedFile::Unmap>(owner) == nullptr) return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto address = reinterpret_cast<std::uintptr_t>(bytes.data());
  const std::uintptr_t begin = (address + page - 1) / page * page;
  const std::uintptr_t end = (address + bytes.size()) / page * page;
  if (begin >= end) return;
  auto* const first = const_cast<std::byte*>(bytes.data() + (begin - address));
  ::madvise(first, end - begin, MADV_DONTNEED);
}

std::string read_file(const std::filesystem::path& path) {
  const auto file = MappedFile::open(path);
  return {reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size()};
}

}  // namespace hasten
