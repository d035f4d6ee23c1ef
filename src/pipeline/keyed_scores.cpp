#include "pipeline/keyed_scores.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

namespace hasten::pipeline {

// What stands before the values of an entry; all zeros where there is none.
struct KeyedScores::Header {
  ScoreKey key;
  bool is_used;
  bool is_filled;
};

namespace {

constexpr std::size_t k_most_full_percent = 70;

// A file without a name in the folder; -1 when there can be none.
int open_unnamed(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
  if (descriptor >= 0) return descriptor;
  std::string name = folder / ".hasten-index-XXXXXX";
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

}  // namespace

KeyedScores::KeyedScores(const Options& options)
    : options_(options),
      entry_bytes_((sizeof(Header) + options.value_count * sizeof(float) + 7) / 8 * 8) {
  if (!reserve(options.capacity)) throw std::bad_alloc();
}

KeyedScores::~KeyedScores() {
  ::munmap(table_, capacity_ * entry_bytes_);
}

// Room on the disk is reserved first: a write through a mapping has no way to say that there is
// none.
std::byte* KeyedScores::map(std::size_t bytes, bool in_file) const {
  int descriptor = -1;
  if (in_file) {
    descriptor = open_unnamed(options_.folder);
    if (descriptor < 0) return nullptr;
    if (::posix_fallocate(descriptor, 0, static_cast<off_t>(bytes)) != 0) {
      ::close(descriptor);
      return nullptr;
    }
  }
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                              in_file ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS, descriptor, 0);
  if (descriptor >= 0) ::close(descriptor);
  return memory == MAP_FAILED ? nullptr : static_cast<std::byte*>(memory);
}

// Moves all entries into a new table of that capacity.
bool KeyedScores::reserve(std::size_t capacity) {
  const std::size_t bytes = capacity * entry_bytes_;
  const bool in_file = bytes > options_.memory_bytes && !options_.folder.empty();
  std::byte* const table = map(bytes, in_file);
  if (table == nullptr) return false;
  for (std::size_t i = 0; i < capacity_; ++i) {
    const std::byte* const entry = table_ + i * entry_bytes_;
    const auto* header = reinterpret_cast<const Header*>(entry);
    if (header->is_used) std::copy_n(entry, entry_bytes_, slot(table, capacity, header->key));
  }
  if (table_ != nullptr) ::munmap(table_, capacity_ * entry_bytes_);
  table_ = table;
  capacity_ = capacity;
  in_file_ = in_file;
  return true;
}

bool KeyedScores::grow() {
  if ((size_ + 1) * 100 <= capacity_ * k_most_full_percent) return true;
  return reserve(capacity_ * 2);
}

// The entry of the key, or the free one where it belongs. The key's bits are as good as random.
std::byte* KeyedScores::slot(std::byte* table, std::size_t capacity, const ScoreKey& key) const {
  for (std::size_t i = key[0] % capacity;; i = (i + 1) % capacity) {
    std::byte* const entry = table + i * entry_bytes_;
    const auto* header = reinterpret_cast<const Header*>(entry);
    if (!header->is_used || header->key == key) return entry;
  }
}

std::optional<KeyedScores::Entry> KeyedScores::find(const ScoreKey& key) const {
  std::byte* const entry = slot(table_, capacity_, key);
  auto* header = reinterpret_cast<Header*>(entry);
  if (!header->is_used) return std::nullopt;
  auto* values = reinterpret_cast<float*>(entry + sizeof(Header));
  return Entry{&header->is_filled, {values, options_.value_count}};
}

bool KeyedScores::insert(const ScoreKey& key) {
  if (!grow()) return false;
  auto* header = reinterpret_cast<Header*>(slot(table_, capacity_, key));
  *header = {key, true, false};
  ++size_;
  return true;
}

}  // namespace hasten::pipeline
