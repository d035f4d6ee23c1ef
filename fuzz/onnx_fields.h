// An ONNX file as a tree of protobuf fields, for changes that leave the rest of it readable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hasten::fuzz {

// The messages of onnx.proto that are told apart; all else is a leaf.
enum class MessageKind : std::uint8_t {
  k_model,
  k_graph,
  k_node,
  k_attribute,
  k_tensor,
  k_value_info,
  k_type,
  k_tensor_type,
  k_shape,
  k_dimension,
  k_leaf,
};

struct Field {
  std::uint32_t number = 0;
  std::uint32_t wire = 0;     // 0: varint, 1: 64 bits, 2: bytes or a message, 5: 32 bits
  std::uint64_t integer = 0;  // of wire 0
  std::string bytes;          // of the others
  MessageKind kind = MessageKind::k_leaf;
  std::vector<Field> children;  // of a message
};

// The fields of a message; nothing when the bytes are not well-formed, or graphs are nested too deeply.
std::optional<std::vector<Field>> parse_fields(std::string_view bytes, MessageKind kind,
                                               int depth = 0);

std::string write_fields(const std::vector<Field>& fields);

}  // namespace hasten::fuzz
