#include "onnx/message.h"

#include "base/error.h"

namespace hasten::onnx {

void ReadContext::fail_here(std::string what) const {
  fail(ErrorCode::k_malformed, std::move(what), where + ", byte " + std::to_string(place - begin),
       "the file is cut short, damaged, or no ONNX file", "Copy or export it again.");
}

bool Message::next() {
  context_->place = reader_.data().data();
  return reader_.next();
}

protozero::data_view Message::view() {
  // protozero keeps 32 bits of a length: what is longer than the rest is refused before that.
  const protozero::data_view rest = reader_.data();
  const char* place = rest.data();
  const std::uint64_t length = protozero::decode_varint(&place, rest.data() + rest.size());
  if (length > static_cast<std::uint64_t>(rest.data() + rest.size() - place)) {
    throw protozero::end_of_buffer_exception{};
  }
  return reader_.get_view();
}

std::span<const std::byte> Message::bytes() {
  const protozero::data_view data = view();
  return {reinterpret_cast<const std::byte*>(data.data()), data.size()};
}

void Message::append_integers(std::vector<std::int64_t>& values) {
  if (reader_.wire_type() == protozero::pbf_wire_type::varint) {
    values.push_back(integer());
    return;
  }
  const protozero::data_view packed = view();
  const char* place = packed.data();
  const char* const end = place + packed.size();
  while (place != end) {
    values.push_back(static_cast<std::int64_t>(protozero::decode_varint(&place, end)));
  }
}

void Message::append_floats(std::vector<float>& values) {
  if (reader_.wire_type() == protozero::pbf_wire_type::fixed32) {
    values.push_back(number());
    return;
  }
  for (const float value : reader_.get_packed_float()) values.push_back(value);
}

}  // namespace hasten::onnx
