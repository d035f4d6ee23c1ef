// Building small JSON documents whose bytes depend on nothing but their values.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/json.h"

namespace hasten::job {

inline Json json_of(std::string text) {
  return Json(Json::Value(std::move(text)));
}
inline Json json_of(std::uint64_t number) {
  return Json(Json::Value(static_cast<std::int64_t>(number)));
}
inline Json json_of(Json::Object object) {
  return Json(Json::Value(std::move(object)));
}
inline Json json_of(Json::Array array) {
  return Json(Json::Value(std::move(array)));
}

inline Json json_of(const std::map<std::string, std::uint64_t>& counts) {
  Json::Object object;
  for (const auto& [name, count] : counts) object.emplace_back(name, json_of(count));
  return json_of(std::move(object));
}

// A whole number that is not negative; throws k_malformed, naming `what`.
std::uint64_t count_of(const Json& json, const std::string& what);
std::map<std::string, std::uint64_t> counts_of(const Json& json, const std::string& what);

}  // namespace hasten::job
