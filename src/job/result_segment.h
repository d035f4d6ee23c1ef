// Result segments: what came out of texts, by their keys, in files that the tasks of a job share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pipeline/keyed_scores.h"

namespace hasten::job {

// The file: a magic word, what binds it to its job (64 digits), the counts, keys, values, and a
// SHA-256 over all before it. Little-endian.
std::string encode(const pipeline::KeyedResults& results, const std::string& binding);
// Nothing when the bytes are not those of a whole segment with this binding and so many values for
// each key.
std::optional<pipeline::KeyedResults> decode_segment(std::string_view sealed,
                                                     std::string_view binding,
                                                     std::size_t value_count);

// Bytes of a segment of that many texts.
std::size_t segment_bytes(std::size_t texts, std::size_t value_count);

}  // namespace hasten::job
