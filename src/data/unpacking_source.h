// Inputs that may be compressed.
#pragma once

#include <memory>
#include <string>

#include "data/byte_source.h"

namespace hasten::data {

// The bytes of `source`, unpacked if they start as gzip or zstd does, which no text in UTF-8 or
// UTF-16 with a mark does. Several members in a row are one stream, as `cat a.gz b.gz` makes them.
// `name` is for messages. read() throws k_bad_data when the data are damaged or end too early, and
// for zstd what arrow_plugin() throws.
std::unique_ptr<ByteSource> unpacking_source(std::unique_ptr<ByteSource> source, std::string name);

}  // namespace hasten::data
