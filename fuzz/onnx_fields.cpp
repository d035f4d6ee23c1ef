#include "onnx_fields.h"

namespace hasten::fuzz {
namespace {

// What kind of message the field of another is, by the numbers of onnx.proto.
MessageKind kind_of(MessageKind parent, std::uint32_t number) {
  switch (parent) {
    case MessageKind::k_model:
      return number == 7 ? MessageKind::k_graph : MessageKind::k_leaf;
    case MessageKind::k_graph:
      if (number == 1) return MessageKind::k_node;
      if (number == 5) return MessageKind::k_tensor;
      return number >= 11 && number <= 13 ? MessageKind::k_value_info : MessageKind::k_leaf;
    case MessageKind::k_node:
      return number == 5 ? MessageKind::k_attribute : MessageKind::k_leaf;
    case MessageKind::k_attribute:
      if (number == 5) return MessageKind::k_tensor;
      return number == 6 ? MessageKind::k_graph : MessageKind::k_leaf;
    case MessageKind::k_value_info:
      return number == 2 ? MessageKind::k_type : MessageKind::k_leaf;
    case MessageKind::k_type:
      return number == 1 ? MessageKind::k_tensor_type : MessageKind::k_leaf;
    case MessageKind::k_tensor_type:
      return number == 2 ? MessageKind::k_shape : MessageKind::k_leaf;
    case MessageKind::k_shape:
      return number == 1 ? MessageKind::k_dimension : MessageKind::k_leaf;
    default:
      return MessageKind::k_leaf;
  }
}

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80U);
  out += static_cast<char>(value);
}

std::optional<std::string> take_bytes(std::string_view& bytes, std::uint64_t size) {
  if (size > bytes.size()) return std::nullopt;
  std::string taken(bytes.substr(0, size));
  bytes.remove_prefix(size);
  return taken;
}

// The content of a field whose number and wire type are known.
bool read_content(std::string_view& bytes, Field& field) {
  if (field.wire == 0) {
    const auto integer = take_varint(bytes);
    field.integer = integer.value_or(0);
    return integer.has_value();
  }
  std::optional<std::uint64_t> size;
  if (field.wire == 1) size = 8;
  if (field.wire == 5) size = 4;
  if (field.wire == 2) size = take_varint(bytes);
  auto content = size ? take_bytes(bytes, *size) : std::nullopt;
  if (!content) return false;
  field.bytes = std::move(*content);
  return true;
}

}  // namespace

std::optional<std::vector<Field>> parse_fields(std::string_view bytes, MessageKind kind,
                                               int depth) {
  constexpr int k_most_levels = 100;
  if (depth > k_most_levels) return std::nullopt;
  std::vector<Field> fields;
  while (!bytes.empty()) {
    const auto tag = take_varint(bytes);
    if (!tag) return std::nullopt;
    Field field;
    field.number = static_cast<std::uint32_t>(*tag >> 3);
    field.wire = static_cast<std::uint32_t>(*tag & 7U);
    if (!read_content(bytes, field)) return std::nullopt;
    const MessageKind inner = field.wire == 2 ? kind_of(kind, field.number) : MessageKind::k_leaf;
    if (inner != MessageKind::k_leaf) {
      auto children = parse_fields(field.bytes, inner, depth + 1);
      if (!children) return std::nullopt;
      field.kind = inner;
      field.children = std::move(*children);
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

std::string write_fields(const std::vector<Field>& fields) {
  std::string out;
  for (const Field& field : fields) {
    put_varint(out, static_cast<std::uint64_t>(field.number) << 3 | field.wire);
    if (field.wire == 0) {
      put_varint(out, field.integer);
      continue;
    }
    const std::string content =
        field.kind == MessageKind::k_leaf ? field.bytes : write_fields(field.children);
    if (field.wire == 2) put_varint(out, content.size());
    out += content;
  }
  return out;
}

}  // namespace hasten::fuzz
