// One row of an input: its text, or what is wrong with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace hasten::data {

enum class RowStatus : std::uint8_t {
  k_ok,
  k_null,          // no text: a null cell, a JSON null
  k_empty,         // an empty or blank text; it is scored all the same
  k_invalid_utf8,  // malformed bytes, each bad subpart replaced by U+FFFD; scored all the same
  k_malformed,     // not a row: broken JSON, a record with the wrong number of fields
};

const char* name_of(RowStatus status);  // "ok", "null", "empty", "invalid_utf8", "malformed"

using RowId = std::variant<std::monostate, std::int64_t, std::string>;

struct TextRow {
  std::uint64_t number = 0;  // 1 for the first row of the input (a header is not a row)
  std::string text;          // valid UTF-8
  std::optional<std::string> text_pair;
  RowId id;                  // when an id column was asked for
  RowStatus status = RowStatus::k_ok;
  std::string problem;       // for people, when status is not k_ok: what and where (line, byte)
};

}  // namespace hasten::data
