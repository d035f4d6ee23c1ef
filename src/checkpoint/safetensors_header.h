// The JSON header of a safetensors file, read without building a tree: a header of 100 MB of JSON
// would make a tree of gigabytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/shape.h"

namespace hasten::checkpoint {

struct SafetensorsEntry {
  std::string name;
  std::string dtype;  // "F32", as written
  Dims shape;
  std::uint64_t begin = 0;  // of its bytes, from the end of the header
  std::uint64_t end = 0;
};

// The entries in the order of the header, `__metadata__` left out. Checks the grammar (a key once
// in its object, all three keys, integers that fit) but nothing about the values. Throws
// k_malformed, naming `where` and the byte of the file.
std::vector<SafetensorsEntry> parse_safetensors_header(std::string_view text,
                                                       const std::string& where);

}  // namespace hasten::checkpoint
