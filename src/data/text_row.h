// One row of an input: the public type, used throughout.
#pragma once

#include <hasten/texts.h>

namespace hasten::data {

using hasten::Cell;
using hasten::RowId;
using hasten::RowStatus;
using hasten::TextRow;

}  // namespace hasten::data
