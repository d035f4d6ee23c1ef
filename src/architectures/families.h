// The build functions of all families, one file each. Internal to the registry.
#pragma once

#include "architectures/architecture.h"

namespace hasten::architectures {

BuiltModel build_bert(const checkpoint::Checkpoint& checkpoint);  // bert.cpp

}  // namespace hasten::architectures
