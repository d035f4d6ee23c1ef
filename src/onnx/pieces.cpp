#include "onnx/pieces.h"

#include <protozero/pbf_writer.hpp>

#include "base/mapped_file.h"

namespace hasten::onnx {
namespace {

constexpr std::size_t k_copied_bytes = 4096;  // up to which data joins the buffer

}  // namespace

std::string& Pieces::tail() {
  if (pieces_.empty() || !std::holds_alternative<std::string>(pieces_.back())) {
    pieces_.emplace_back(std::string());
  }
  return std::get<std::string>(pieces_.back());
}

template <typename Write>
void Pieces::add_small(Write write) {
  std::string& buffer = tail();
  const std::size_t before = buffer.size();
  write(buffer);
  size_ += buffer.size() - before;
}

void Pieces::add_header(std::uint32_t field, std::uint64_t length) {
  add_small([&](std::string& buffer) {
    const auto out = std::back_inserter(buffer);
    protozero::write_varint(
        out, protozero::tag_and_type(field, protozero::pbf_wire_type::length_delimited));
    protozero::write_varint(out, length);
  });
}

void Pieces::add_integer(std::uint32_t field, std::int64_t value) {
  add_small([&](std::string& buffer) { protozero::pbf_writer(buffer).add_int64(field, value); });
}

void Pieces::add_float(std::uint32_t field, float value) {
  add_small([&](std::string& buffer) { protozero::pbf_writer(buffer).add_float(field, value); });
}

void Pieces::add_text(std::uint32_t field, std::string_view text) {
  add_bytes(field, std::as_bytes(std::span(text.data(), text.size())));
}

void Pieces::add_packed(std::uint32_t field, std::span<const std::int64_t> values) {
  if (values.empty()) return;
  add_small([&](std::string& buffer) {
    protozero::pbf_writer(buffer).add_packed_int64(field, values.begin(), values.end());
  });
}

void Pieces::add_packed(std::uint32_t field, std::span<const float> values) {
  if (values.empty()) return;
  add_small([&](std::string& buffer) {
    protozero::pbf_writer(buffer).add_packed_float(field, values.begin(), values.end());
  });
}

void Pieces::add_bytes(std::uint32_t field, std::span<const std::byte> bytes,
                       std::shared_ptr<const void> owner) {
  add_header(field, bytes.size());
  if (bytes.size() <= k_copied_bytes) {
    tail().append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  } else {
    pieces_.emplace_back(Data{bytes, std::move(owner)});
  }
  size_ += bytes.size();
}

void Pieces::add_message(std::uint32_t field, Pieces message) {
  add_header(field, message.size_);
  for (auto& piece : message.pieces_) {
    if (const auto* small = std::get_if<std::string>(&piece)) {
      tail().append(*small);
    } else {
      pieces_.push_back(std::move(piece));
    }
  }
  size_ += message.size_;
}

void Pieces::write(const std::function<void(std::span<const std::byte>)>& sink) const {
  for (const auto& piece : pieces_) {
    if (const auto* small = std::get_if<std::string>(&piece)) {
      sink(std::as_bytes(std::span(small->data(), small->size())));
    } else {
      const Data& data = std::get<Data>(piece);
      sink(data.bytes);
      release_pages(data.bytes, data.owner);
    }
  }
}

}  // namespace hasten::onnx
