// Where the bytes of an input come from.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace hasten::data {

// A stream of bytes. Used by one thread.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills the front of `bytes` with what has arrived, waiting only while that is nothing; returns
  // its size, 0 at the end. `bytes` must not be empty. Throws k_bad_data on an I/O error.
  virtual std::size_t read(std::span<char> bytes) = 0;
  // Whether read() would return at once: more has arrived, or the end is known.
  virtual bool ready() = 0;
  // Whether these are the bytes of the input itself, and not what they were unpacked to.
  virtual bool is_verbatim() const { return true; }
};

// A local or remote file, or standard input for "-". Throws k_not_found, and what remote_files()
// throws.
std::unique_ptr<ByteSource> open_byte_source(const std::filesystem::path& path);

// An open descriptor, which stays the caller's; `name` is for error messages.
std::unique_ptr<ByteSource> descriptor_source(int descriptor, std::string name);

// "standard input" or the path, as error messages name an input.
std::string input_name(const std::filesystem::path& path);

}  // namespace hasten::data
