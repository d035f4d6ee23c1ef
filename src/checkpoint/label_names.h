// The names of the classes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "checkpoint/labels.h"

namespace hasten::checkpoint {

// By the rules of labels.h; throws k_malformed.
Sourced<std::vector<std::string>> read_labels(const Checkpoint& checkpoint,
                                              std::int64_t class_count);

}  // namespace hasten::checkpoint
