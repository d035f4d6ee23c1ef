// What the emulated machine is like, for tests.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace hasten::engine::cuda::emulated {

struct Card {
  std::string name = "Emulated";
  int major = 9;
  int minor = 0;
  std::size_t memory = std::size_t{1} << 34;
  std::size_t free = std::size_t{1} << 34;
};

// One of cuBLASLt's algorithms.
struct Algorithm {
  float milliseconds = 1;        // of a product
  std::size_t least_rows = 1;    // that it takes
  int splits = 1;                // of the sums
  bool depends_on_rows = false;  // so that the same row has other bits among fewer
};

struct Machine {
  int driver_version = 13000;  // 0: no driver
  int runtime_version = 13000;
  std::vector<Card> cards{Card{}};
  std::size_t largest_allocation = std::size_t{1} << 40;  // larger ones fail, as for lack of memory
  std::size_t largest_pinned = std::size_t{1} << 40;      // likewise, of the host's
  std::size_t waits_until_lost = std::size_t(-1);         // then every wait fails
  std::vector<Algorithm> algorithms{Algorithm{}};
  float milliseconds = 0;  // of all products so far
  std::size_t recordings_replayed = 0;
  std::size_t live_allocations = 0;
  std::set<int> contexts;  // devices that have one
};

// The one machine there is; tests put it back as it was by assigning Machine().
Machine& machine();

// Machine() with what the environment variable HASTEN_EMULATED_GPU says: "driver=12020 cards=2 compute=61
// free_mib=100 pinned_bytes=1500 lost_after=5", each of which may be left out. Throws k_usage.
Machine machine_of_environment();

}  // namespace hasten::engine::cuda::emulated
