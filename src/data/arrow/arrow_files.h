// Remote files through Arrow's file systems.
#pragma once

#include "data/remote_files.h"

namespace hasten::data {

// Lives as long as the program.
const RemoteFiles& arrow_files();

}  // namespace hasten::data
