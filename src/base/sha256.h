// SHA-256, for provenance.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace hasten {

// 64 hexadecimal digits.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace hasten
