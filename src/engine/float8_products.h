// Which matrix products are computed in float8.
#pragma once

#include <string>

#include "engine/program.h"

namespace hasten::engine {

// Gives bfloat16 to the products at float8 that it does not take: those of one row a text (pooler, classifier, the last
// layer where one token is read), which cost nothing and decide most, and those whose numbers of inputs or outputs are no
// multiples of 16, of which cuBLASLt has no product. The products within attention are never float8.
// Returns a line that names the latter; empty where there is none.
std::string keep_from_float8(Program& program);

}  // namespace hasten::engine
