#include "data/arrow/zstd_decompressor.h"

#include <arrow/util/compression.h>

#include "data/arrow/arrow_status.h"

namespace hasten::data {
namespace {

class ZstdDecompressor : public Decompressor {
 public:
  explicit ZstdDecompressor(const std::string& name)
      : name_(name),
        codec_(value_of(arrow::util::Codec::Create(arrow::Compression::ZSTD),
                        ErrorCode::k_unsupported, "this build of Arrow has no zstd", name)),
        decompressor_(checked(codec_->MakeDecompressor())) {}

  Step step(std::span<const char> input, std::span<char> output) override {
    const auto result = checked(decompressor_->Decompress(
        static_cast<std::int64_t>(input.size()),
        reinterpret_cast<const std::uint8_t*>(input.data()),
        static_cast<std::int64_t>(output.size()), reinterpret_cast<std::uint8_t*>(output.data())));
    return {static_cast<std::size_t>(result.bytes_read),
            static_cast<std::size_t>(result.bytes_written), decompressor_->IsFinished()};
  }

  void reset() override {
    check(decompressor_->Reset(), ErrorCode::k_bad_data, "the zstd data cannot be read on", name_);
  }

 private:
  template <typename T>
  T checked(arrow::Result<T> result) const {
    return value_of(std::move(result), ErrorCode::k_bad_data, "the zstd data are damaged", name_);
  }

  std::string name_;
  std::unique_ptr<arrow::util::Codec> codec_;
  std::shared_ptr<arrow::util::Decompressor> decompressor_;
};

}  // namespace

std::unique_ptr<Decompressor> make_zstd_decompressor(const std::string& name) {
  return std::make_unique<ZstdDecompressor>(name);
}

}  // namespace hasten::data
