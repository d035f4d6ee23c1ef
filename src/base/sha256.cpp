#include "base/sha256.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>

#include "base/error.h"
#include "base/mapped_file.h"

namespace hasten {
namespace {

constexpr std::size_t k_chunk = std::size_t{4} << 20;

void check(int status) {
  if (status != 1) fail(ErrorCode::k_internal, "SHA-256 is not available in this OpenSSL");
}

}  // namespace

struct Sha256::State {
  EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() {
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
  }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  start();
}

Sha256::~Sha256() = default;

void Sha256::start() {
  check(state_->algorithm != nullptr && state_->context != nullptr);
  check(EVP_DigestInit_ex2(state_->context, state_->algorithm, nullptr));
}

void Sha256::update(std::span<const std::byte> bytes) {
  check(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()));
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest{};
  check(EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(digest.data()),
                           nullptr));
  start();
  return digest;
}

std::string hex_of(const Sha256Digest& digest) {
  std::string hex;
  for (const std::byte byte : digest) hex += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return hex;
}

std::string sha256_hex(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner) {
  Sha256 hash;
  while (!bytes.empty()) {
    const auto chunk = bytes.first(std::min(k_chunk, bytes.size()));
    hash.update(chunk);
    release_pages(chunk, owner);
    bytes = bytes.subspan(chunk.size());
  }
  return hex_of(hash.finish());
}

}  // namespace hasten
