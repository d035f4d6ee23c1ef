#include "job/sealed_bytes.h"

#include <span>

#include "base/sha256.h"

namespace hasten::job {
namespace {

std::string hash_of(std::string_view bytes) {
  return sha256_hex(std::as_bytes(std::span(bytes.data(), bytes.size())));
}

}  // namespace

std::string seal(std::string bytes) {
  return bytes += hash_of(bytes);
}

std::optional<std::string_view> unseal(std::string_view bytes) {
  if (bytes.size() < k_hash_digits) return std::nullopt;
  const std::string_view hash = bytes.substr(bytes.size() - k_hash_digits);
  bytes.remove_suffix(k_hash_digits);
  if (hash_of(bytes) != hash) return std::nullopt;
  return bytes;
}

std::string_view take_text(std::string_view& bytes, std::size_t count) {
  const std::string_view text = bytes.substr(0, count);
  bytes.remove_prefix(text.size());
  return text;
}

}  // namespace hasten::job
