// The names that a pickle of weights may refer to.
#pragma once

#include <string>
#include <string_view>

#include "checkpoint/pickle.h"

namespace hasten::checkpoint {

// Throws k_unsupported for any name outside of the table, saying what it usually means.
PickleGlobal find_pickle_global(std::string_view module, std::string_view name,
                                const std::string& where);

}  // namespace hasten::checkpoint
