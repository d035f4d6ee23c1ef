// Names out of untrusted files, made fit for an error message.
#pragma once

#include <string>
#include <string_view>

namespace hasten::checkpoint {

// In single quotes, without control characters or broken UTF-8, cut after 80 bytes.
std::string quote_name(std::string_view name);

// Whether a tensor's name can be taken: UTF-8, no control characters, 1 to 1,000 bytes.
bool is_tensor_name(std::string_view name);

}  // namespace hasten::checkpoint
