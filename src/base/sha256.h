// SHA-256, for provenance.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace hasten {

// 64 hexadecimal digits. Pages that have been read go back to the system as release_pages() has it, so
// that a large file passes through little memory.
std::string sha256_hex(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner = {});

}  // namespace hasten
