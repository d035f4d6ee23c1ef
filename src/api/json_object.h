// Writes one JSON object, field by field, on one line.
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"

namespace hasten::api {

class JsonObject {
 public:
  // Adds a field of any type that `append` below knows.
  template <typename Value>
  JsonObject& add(std::string_view key, const Value& value) {
    text_ += text_.size() == 1 ? "" : ", ";
    append_json_string(text_, key);
    text_ += ": ";
    append(text_, value);
    return *this;
  }

  std::string str() const { return text_ + "}"; }

 private:
  static void append(std::string& out, const JsonObject& value) { out += value.str(); }
  static void append(std::string& out, std::nullptr_t) { out += "null"; }
  static void append(std::string& out, bool value) { out += value ? "true" : "false"; }
  static void append(std::string& out, float value) { append_json_number(out, value); }
  static void append(std::string& out, double value) { append_json_number(out, value); }
  template <std::integral Integer>
  static void append(std::string& out, Integer value) {
    out += std::to_string(value);
  }
  static void append(std::string& out, const std::string& value) { append_json_string(out, value); }
  static void append(std::string& out, const char* value) { append_json_string(out, value); }

  template <typename Value>
  static void append(std::string& out, const std::vector<Value>& values) {
    out += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out += ", ";
      append(out, values[i]);
    }
    out += ']';
  }

  template <typename Value>
  static void append(std::string& out, const std::map<std::string, Value>& fields) {
    append_fields(out, fields);
  }
  template <typename Value>
  static void append(std::string& out, const std::vector<std::pair<std::string, Value>>& fields) {
    append_fields(out, fields);
  }

  template <typename Fields>
  static void append_fields(std::string& out, const Fields& fields) {
    JsonObject object;
    for (const auto& [key, value] : fields) object.add(key, value);
    append(out, object);
  }

  std::string text_ = "{";
};

}  // namespace hasten::api
