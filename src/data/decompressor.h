// Unpacking a stream of compressed bytes.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace hasten::data {

// One member of a gzip file or frame of a zstd file at a time.
class Decompressor {
 public:
  struct Step {
    std::size_t consumed = 0;  // bytes of the input
    std::size_t produced = 0;  // bytes of the output
    bool finished = false;     // the member ends here; reset() comes before another
  };
  virtual ~Decompressor() = default;
  // Throws k_bad_data when the bytes are damaged.
  virtual Step step(std::span<const char> input, std::span<char> output) = 0;
  virtual void reset() = 0;
};

// By zlib. `name` is for messages.
std::unique_ptr<Decompressor> gzip_decompressor(const std::string& name);

}  // namespace hasten::data
