// What the few callable names of a pickle do with their arguments.
#pragma once

#include "checkpoint/pickle.h"

namespace hasten::checkpoint {

// The storage that a persistent id describes. `reader` gives the place for errors; throws
// k_malformed for anything but torch's ("storage", type, key, location, count[, view]).
PickleStorage make_storage(const Pickle& pickle, PickleRef id, const ByteReader& reader);

// Calls one of the names of the table; a rebuilt tensor is added to `pickle.tensors`. Throws
// k_malformed for something that is not callable or for arguments of another kind.
PickleValue call_global(Pickle& pickle, PickleRef function, PickleRef arguments,
                        const ByteReader& reader);

}  // namespace hasten::checkpoint
