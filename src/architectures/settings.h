// Settings: config.json read key by key, with transformers' defaults, and nothing overlooked.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "checkpoint/checkpoint.h"

namespace hasten::architectures {

// Every getter notes its key as known. Values of the wrong type throw k_malformed naming the key.
// The checkpoint must outlive it.
class Settings {
 public:
  explicit Settings(const checkpoint::Checkpoint& checkpoint);

  // A number of things: at least `least`, at most 2^31.
  std::int64_t size(std::string_view key, std::int64_t fallback, std::int64_t least = 1);
  // Any integer, such as a token id; null counts as absent.
  std::int64_t integer(std::string_view key, std::int64_t fallback);
  double number(std::string_view key, double fallback);
  std::string text(std::string_view key, const std::string& fallback);
  bool flag(std::string_view key, bool fallback);
  const Json& value(std::string_view key);
  // Whether the key is there, be it null.
  bool contains(std::string_view key) const { return config_.contains(key); }

  // Throws k_unsupported when the key is there with another value than false or null.
  void expect_off(std::string_view key, std::string_view consequence);

  // Throws k_unsupported naming `key`, its value and what is known instead.
  [[noreturn]] void refuse(std::string_view key, std::string_view known) const;

  // Throws k_unsupported naming the first key that could change the scores and that neither a
  // getter nor the list of harmless ones (names, training, other tasks' settings) knows.
  void expect_all_known() const;

  const std::string& where() const { return where_; }

 private:
  const Json& read(std::string_view key);

  const Json& config_;
  std::string where_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace hasten::architectures
