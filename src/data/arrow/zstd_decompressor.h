// zstd through Arrow, which has it anyhow.
#pragma once

#include <memory>
#include <string>

#include "data/decompressor.h"

namespace hasten::data {

std::unique_ptr<Decompressor> make_zstd_decompressor(const std::string& name);

}  // namespace hasten::data
