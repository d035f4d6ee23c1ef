#include <zlib.h>

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "data/decompressor.h"

namespace hasten::data {
namespace {

constexpr int k_gzip_window = 15 + 16;  // the largest window, in a gzip wrapper

class GzipDecompressor : public Decompressor {
 public:
  explicit GzipDecompressor(std::string name) : name_(std::move(name)) {
    if (::inflateInit2(&stream_, k_gzip_window) != Z_OK) {
      fail(ErrorCode::k_out_of_memory, "there is no memory for unpacking", name_);
    }
  }
  ~GzipDecompressor() override { ::inflateEnd(&stream_); }
  GzipDecompressor(const GzipDecompressor&) = delete;
  GzipDecompressor& operator=(const GzipDecompressor&) = delete;

  Step step(std::span<const char> input, std::span<char> output) override {
    constexpr std::size_t k_most = std::numeric_limits<uInt>::max();
    const auto input_size = static_cast<uInt>(std::min(input.size(), k_most));
    const auto output_size = static_cast<uInt>(std::min(output.size(), k_most));
    // zlib's interface lacks a const; it does not write there.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = input_size;
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    stream_.avail_out = output_size;
    const int result = ::inflate(&stream_, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      fail(ErrorCode::k_bad_data, "the gzip data are damaged", name_,
           stream_.msg == nullptr ? "" : stream_.msg, "Copy or download the file again.");
    }
    return {input_size - stream_.avail_in, output_size - stream_.avail_out, result == Z_STREAM_END};
  }

  void reset() override { ::inflateReset(&stream_); }

 private:
  std::string name_;
  z_stream stream_{};
};

}  // namespace

std::unique_ptr<Decompressor> gzip_decompressor(const std::string& name) {
  return std::make_unique<GzipDecompressor>(name);
}

}  // namespace hasten::data
