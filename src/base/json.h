// JSON: an immutable value tree read from untrusted text, and a writer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hasten {

// One JSON value. Objects keep the order of their keys; of a repeated key the last one counts, as in
// Python. Reading is by simdjson: at most 1,024 levels deep, valid UTF-8 only.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;

  Json() = default;

  // Throws k_malformed; `where` names the file in the message. NaN and Infinity, which Python writes,
  // are not JSON and are refused.
  static Json parse(std::string_view text, std::string where);

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_integer() const { return std::holds_alternative<std::int64_t>(value_); }
  bool is_number() const { return is_integer() || std::holds_alternative<double>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  // The value as that type; throws k_malformed, naming `what`, when it is of another.
  bool as_bool(std::string_view what) const;
  std::int64_t as_integer(std::string_view what) const;
  double as_number(std::string_view what) const;
  const std::string& as_string(std::string_view what) const;
  const Array& as_array(std::string_view what) const;
  const Object& as_object(std::string_view what) const;

  // The value of a key, or null when there is none or this is not an object.
  const Json& operator[](std::string_view key) const;
  bool contains(std::string_view key) const;

  // The value of a key, or `fallback` when it is absent or null; throws when it is of another type.
  bool get_bool(std::string_view key, bool fallback) const;
  std::int64_t get_integer(std::string_view key, std::int64_t fallback) const;
  double get_number(std::string_view key, double fallback) const;
  std::string get_string(std::string_view key, std::string fallback) const;

  // Building, for tests and writers of small documents.
  using Value =
      std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object>;
  explicit Json(Value value) : value_(std::move(value)) {}
  const Value& value() const { return value_; }

 private:
  Value value_;
};

// Appends text as a JSON string: quoted and escaped. Besides what JSON demands, U+0085, U+2028 and
// U+2029 are escaped, so that no reader takes them for the end of a line. `text` must be valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

// Appends the shortest digits that read back as the same value; "NaN", "Infinity" and "-Infinity" as
// strings, which JSON lacks.
void append_json_number(std::string& out, float value);
void append_json_number(std::string& out, double value);

// The whole tree on one line.
std::string to_string(const Json& json);

}  // namespace hasten
