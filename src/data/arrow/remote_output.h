// An upload to a store.
#pragma once

#include <memory>
#include <string>

#include "data/output_file.h"

namespace hasten::data {

// See RemoteFiles::create().
std::unique_ptr<OutputFile> make_remote_output(const std::string& path);

}  // namespace hasten::data
