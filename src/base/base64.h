// Base64 (RFC 4648, with padding), for binary files inside text metadata.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hasten {

std::string encode_base64(std::string_view bytes);

// Nothing when the text is not base64.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace hasten
