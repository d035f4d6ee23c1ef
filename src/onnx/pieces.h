// A protobuf message being written: small fields in buffers, tensor data left where it lies.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hasten::onnx {

// Fields come out in the order in which they were added, so that equal models give equal bytes.
class Pieces {
 public:
  void add_integer(std::uint32_t field, std::int64_t value);
  void add_float(std::uint32_t field, float value);
  void add_text(std::uint32_t field, std::string_view text);
  void add_packed(std::uint32_t field, std::span<const std::int64_t> values);
  void add_packed(std::uint32_t field, std::span<const float> values);
  // `bytes` must live until they are written; short ones are copied. Pages of a mapped file that is
  // their `owner` go back to the system once they are written.
  void add_bytes(std::uint32_t field, std::span<const std::byte> bytes,
                 std::shared_ptr<const void> owner = nullptr);
  void add_message(std::uint32_t field, Pieces message);

  std::uint64_t size() const { return size_; }
  void write(const std::function<void(std::span<const std::byte>)>& sink) const;

 private:
  struct Data {
    std::span<const std::byte> bytes;
    std::shared_ptr<const void> owner;
  };

  // The buffer that small fields go to.
  std::string& tail();
  // Writes the start of a field whose content has `length` bytes.
  void add_header(std::uint32_t field, std::uint64_t length);
  template <typename Write>
  void add_small(Write write);

  std::vector<std::variant<std::string, Data>> pieces_;
  std::uint64_t size_ = 0;
};

}  // namespace hasten::onnx
