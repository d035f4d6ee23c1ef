// Sealed bytes: small binary files that say whether they are whole.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace hasten::job {

static_assert(std::endian::native == std::endian::little);

// Hexadecimal digits of a hash, as the seal and as what binds a file to its job.
constexpr std::size_t k_hash_digits = 64;

// With a SHA-256 over all of them behind them.
std::string seal(std::string bytes);
// The bytes before the seal; nothing where it does not fit them.
std::optional<std::string_view> unseal(std::string_view bytes);

template <typename T>
void append_value(std::string& out, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
void append_values(std::string& out, const std::vector<T>& values) {
  out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

// These take off the front; false, or fewer characters, when not as much remains.
template <typename T>
bool take_value(std::string_view& bytes, T& value) {
  if (bytes.size() < sizeof value) return false;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return true;
}

template <typename T>
bool take_values(std::string_view& bytes, std::uint64_t count, std::vector<T>& values) {
  if (count > bytes.size() / sizeof(T)) return false;
  values.resize(count);
  if (count > 0) std::memcpy(values.data(), bytes.data(), count * sizeof(T));
  bytes.remove_prefix(count * sizeof(T));
  return true;
}

std::string_view take_text(std::string_view& bytes, std::size_t count);

}  // namespace hasten::job
