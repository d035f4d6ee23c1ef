// Names of a program's matrix products, by which precisions are chosen.
#pragma once

#include "engine/program.h"

namespace hasten::engine {

// Names every Linear by its place in the data flow, so that a model has the same names as a
// checkpoint folder, converted, optimised and in any stored precision:
//   "layer 1 query, key and value"   "layer 1 attention output"
//   "layer 1 feed-forward input"     "layer 1 feed-forward output"
//   "pooler", "classifier"; "embedding projection" for what comes before the first attention
// Layers are counted from 1; of several products in one place, the later ones are numbered: "pooler
// 2". Expects a program that narrow_to_first_token() has not been over.
void name_products(Program& program);

}  // namespace hasten::engine
