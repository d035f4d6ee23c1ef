// Dimensions of tensors, with arithmetic that cannot wrap.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hasten {

using Dims = std::vector<std::int64_t>;

// The product of the dimensions; nothing when one is negative or the product exceeds int64.
// A scalar (no dimensions) has one element.
std::optional<std::int64_t> element_count(std::span<const std::int64_t> dims);

// "[2, 128]"
std::string to_string(std::span<const std::int64_t> dims);

}  // namespace hasten
