#include "data/unpacking_source.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/arrow_plugin.h"
#include "data/decompressor.h"

namespace hasten::data {
namespace {

constexpr std::size_t k_block_bytes = std::size_t{1} << 16;
constexpr std::string_view k_gzip_start = "\x1F\x8B";
constexpr std::string_view k_zstd_start = "\x28\xB5\x2F\xFD";

class UnpackingSource : public ByteSource {
 public:
  UnpackingSource(std::unique_ptr<ByteSource> source, std::string name)
      : source_(std::move(source)), name_(std::move(name)) {}

  std::size_t read(std::span<char> bytes) override;
  bool ready() override { return !packed().empty() || output_was_full_ || source_->ready(); }
  bool is_verbatim() const override { return decompressor_ == nullptr; }

 private:
  void decide();
  bool fetch();
  std::size_t take_as_is(std::span<char> bytes);
  std::size_t unpack(std::span<char> bytes);
  std::span<const char> packed() const { return std::span(block_).subspan(begin_); }

  std::unique_ptr<ByteSource> source_;
  std::string name_;
  std::vector<char> block_;  // read and not yet handed on from begin_ on
  std::size_t begin_ = 0;
  bool decided_ = false;
  bool at_end_ = false;
  bool output_was_full_ = false;  // the decompressor may hold more
  bool between_members_ = true;
  std::unique_ptr<Decompressor> decompressor_;
};

// Appends what has arrived; false at the end.
bool UnpackingSource::fetch() {
  block_.erase(block_.begin(), block_.begin() + static_cast<std::ptrdiff_t>(begin_));
  begin_ = 0;
  const std::size_t kept = block_.size();
  block_.resize(kept + k_block_bytes);
  const std::size_t count = source_->read(std::span(block_).subspan(kept));
  block_.resize(kept + count);
  at_end_ = count == 0;
  return !at_end_;
}

void UnpackingSource::decide() {
  const auto start = [&] { return std::string_view(block_.data(), block_.size()); };
  const auto may_become = [&](std::string_view magic) { return magic.starts_with(start()); };
  while ((may_become(k_gzip_start) || may_become(k_zstd_start)) && fetch()) {
  }
  if (start().starts_with(k_gzip_start)) decompressor_ = gzip_decompressor(name_);
  if (start().starts_with(k_zstd_start)) decompressor_ = arrow_plugin().zstd_decompressor(name_);
  decided_ = true;
}

std::size_t UnpackingSource::read(std::span<char> bytes) {
  if (!decided_) decide();
  return decompressor_ == nullptr ? take_as_is(bytes) : unpack(bytes);
}

std::size_t UnpackingSource::take_as_is(std::span<char> bytes) {
  if (packed().empty()) return at_end_ ? 0 : source_->read(bytes);
  const std::size_t count = std::min(bytes.size(), packed().size());
  std::copy_n(packed().begin(), count, bytes.begin());
  begin_ += count;
  return count;
}

std::size_t UnpackingSource::unpack(std::span<char> bytes) {
  for (;;) {
    if (packed().empty() && !output_was_full_ && !fetch()) {
      if (between_members_) return 0;
      fail(ErrorCode::k_bad_data, "the compressed data end too early", name_,
           "the file is cut short", "Copy or download it again.");
    }
    if (between_members_ && !packed().empty()) {
      decompressor_->reset();
      between_members_ = false;
    }
    const auto step = decompressor_->step(packed(), bytes);
    begin_ += step.consumed;
    between_members_ = between_members_ || step.finished;
    output_was_full_ = step.produced == bytes.size() && !step.finished;
    if (step.produced > 0) return step.produced;
    if (step.consumed == 0 && !step.finished && !packed().empty()) {
      fail(ErrorCode::k_bad_data, "the compressed data are damaged", name_);
    }
  }
}

}  // namespace

std::unique_ptr<ByteSource> unpacking_source(std::unique_ptr<ByteSource> source, std::string name) {
  return std::make_unique<UnpackingSource>(std::move(source), std::move(name));
}

}  // namespace hasten::data
