// Shards: which task of an array labels which inputs.
#pragma once

#include <hasten/label.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hasten::job {

// The indexes of the inputs that fall to a shard, in rising order. The largest input goes first, to
// the shard that has least, so that shards take about as long; the same sizes in the same order
// give the same shards everywhere. Each input falls to one shard.
std::vector<std::size_t> inputs_of_shard(std::span<const std::uint64_t> sizes, const Shard& shard);

}  // namespace hasten::job
