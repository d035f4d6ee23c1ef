// SHA-256, for provenance and for telling inputs apart.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace hasten {

using Sha256Digest = std::array<std::byte, 32>;

// A hash over bytes that come in pieces. Reusable: finish() starts anew. Used by one thread.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::span<const std::byte> bytes);
  void update(std::string_view text) { update(std::as_bytes(std::span(text.data(), text.size()))); }
  Sha256Digest finish();

 private:
  void start();

  struct State;
  std::unique_ptr<State> state_;
};

// 64 hexadecimal digits.
std::string hex_of(const Sha256Digest& digest);
// Pages that have been read go back to the system as release_pages() has it, so that a large file
// passes through little memory.
std::string sha256_hex(std::span<const std::byte> bytes,
                       const std::shared_ptr<const void>& owner = {});

}  // namespace hasten
