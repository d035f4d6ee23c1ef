#include "base/sha256.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/mapped_file.h"

namespace hasten {
namespace {

constexpr std::size_t k_chunk = std::size_t{4} << 20;

void check(int status) {
  if (status != 1) fail(ErrorCode::k_internal, "SHA-256 is not available in this OpenSSL");
}

}  // namespace

std::string sha256_hex(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  check(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr));
  while (!bytes.empty()) {
    const auto chunk = bytes.first(std::min(k_chunk, bytes.size()));
    check(EVP_DigestUpdate(context.get(), chunk.data(), chunk.size()));
    release_pages(chunk, owner);
    bytes = bytes.subspan(chunk.size());
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  check(EVP_DigestFinal_ex(context.get(), digest.data(), &length));
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace hasten
