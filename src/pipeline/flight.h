// Flight: a block between the source and the sink, and what is to be done for it next.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "pipeline/block.h"
#include "pipeline/encoding_group.h"

namespace hasten::pipeline {

enum class Stage { k_encoding, k_encoded, k_planning, k_computing, k_done };

struct Flight {
  Block block;
  std::vector<GroupBlock> groups;
  Stage stage = Stage::k_encoding;
  std::size_t next_row = 0;
  std::size_t rows_left = 0;
  struct Batch {
    std::size_t group, member, batch;
  };
  std::vector<Batch> batches;
  std::size_t next_batch = 0;
  std::size_t batches_left = 0;
};

// One thing for a thread to do, of the kind that its flight's stage says.
struct Task {
  std::shared_ptr<Flight> flight;
  Stage stage;
  std::size_t begin = 0;  // rows, or the batch
  std::size_t end = 0;
};

// Flights in the order of the source. The caller sees to it that one thread at a time is here.
using Flights = std::deque<std::shared_ptr<Flight>>;

// What a thread may do now; nothing while all that is left is being done by others or must wait for
// them. The earliest block comes first. Blocks are planned in order, so that of several rows with
// the same text the first one is computed.
std::optional<Task> take_task(const Flights& flights);

// Called once a task is done: moves its flight on.
void complete(const Task& task);

}  // namespace hasten::pipeline
