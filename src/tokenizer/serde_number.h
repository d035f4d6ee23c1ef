// Numbers of JSON, as Rust's serde_json 1.0 reads them into a double.
#pragma once

#include <optional>
#include <string_view>

namespace hasten::tokenizer {

// The value of a JSON number, which must be well-formed. serde_json without its feature
// `float_roundtrip` takes the digits that fit into 64 bits as an integer and multiplies or divides
// it by a power of ten: the result can be an ulp beside the nearest double. Scores that tie with
// nearest doubles do not tie with these. None where the value is too large for a double.
std::optional<double> parse_serde_number(std::string_view number);

}  // namespace hasten::tokenizer
