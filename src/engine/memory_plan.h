// For every device: which pieces of memory a program's buffers share: those whose lives do not overlap.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/program.h"

namespace hasten::engine {

// Memory that is needed from instruction `first` to instruction `last`, both included.
struct Storage {
  Rows rows = Rows::k_tokens;
  std::size_t row_bytes = 0;
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t row_limit = 0;  // rows there are at most; 0: as many as the batch has
};

class MemoryPlan {
 public:
  MemoryPlan() = default;
  explicit MemoryPlan(const std::vector<Storage>& storages);

  // Every start is a multiple of it.
  static constexpr std::size_t k_alignment = 256;

  // Where each storage starts, for at most so many rows, and the size of the whole; at least
  // k_alignment bytes follow each storage.
  struct Layout {
    std::vector<std::size_t> offsets;
    std::size_t size = 0;
  };
  Layout layout(std::size_t tokens, std::size_t sequences) const;

 private:
  // What a slot must hold: the largest of its storages, of either kind of rows.
  struct Slot {
    std::size_t token_bytes = 0;
    std::size_t sequence_bytes = 0;
    std::size_t fixed_bytes = 0;  // of storages with a row limit
    std::size_t last = 0;         // use so far
  };
  using Field = std::size_t Slot::*;
  static Field field_of(const Storage& storage);
  std::size_t take_slot(const Storage& storage);

  std::vector<Slot> slots_;
  std::vector<std::size_t> slot_of_;  // storage -> slot
};

}  // namespace hasten::engine
