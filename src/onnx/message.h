// A protobuf message of untrusted bytes, read in place.
#pragma once

#include <cstdint>
#include <memory>
#include <protozero/pbf_reader.hpp>
#include <span>
#include <string>
#include <vector>

namespace hasten::onnx {

// What a file's messages share. One for each read; used by one thread.
struct ReadContext {
  std::string where;                  // the file, for errors
  const char* begin = nullptr;        // its first byte
  const char* place = nullptr;        // where reading stands
  std::shared_ptr<const void> owner;  // keeps the bytes alive

  // Throws k_malformed with the byte where reading stands.
  [[noreturn]] void fail_here(std::string what) const;
};

// Which field comes: its number together with how it is encoded, so that a field of a known number
// and another encoding counts as unknown, as protobuf demands.
constexpr std::uint32_t varint_field(std::uint32_t number) {
  return protozero::tag_and_type(number, protozero::pbf_wire_type::varint);
}
constexpr std::uint32_t fixed32_field(std::uint32_t number) {
  return protozero::tag_and_type(number, protozero::pbf_wire_type::fixed32);
}
constexpr std::uint32_t fixed64_field(std::uint32_t number) {
  return protozero::tag_and_type(number, protozero::pbf_wire_type::fixed64);
}
constexpr std::uint32_t bytes_field(std::uint32_t number) {
  return protozero::tag_and_type(number, protozero::pbf_wire_type::length_delimited);
}

// protozero's exceptions come out where the bytes are damaged; reading() below turns them into
// ours.
class Message {
 public:
  Message(protozero::data_view bytes, ReadContext& context) : reader_(bytes), context_(&context) {}

  bool next();
  std::uint32_t field() const { return reader_.tag_and_type(); }
  void skip() { reader_.skip(); }
  // The first byte of the field's content.
  const char* position() const { return reader_.data().data(); }

  std::int64_t integer() { return reader_.get_int64(); }
  std::uint64_t unsigned_integer() { return reader_.get_uint64(); }
  float number() { return reader_.get_float(); }
  double double_number() { return reader_.get_double(); }
  protozero::data_view view();
  std::string text() { return std::string(view()); }
  std::span<const std::byte> bytes();
  Message message() { return {view(), *context_}; }

  // A repeated number in either encoding: one of several fields, or packed into one.
  void append_integers(std::vector<std::int64_t>& values);
  void append_floats(std::vector<float>& values);

  ReadContext& context() { return *context_; }

 private:
  protozero::pbf_reader reader_;
  ReadContext* context_;
};

// Calls read() and turns what protozero throws into k_malformed.
template <typename Read>
auto reading(ReadContext& context, Read read) {
  try {
    return read();
  } catch (const protozero::exception& error) {
    context.fail_here(std::string("the protobuf encoding is damaged: ") + error.what());
  }
}

}  // namespace hasten::onnx
