#include "pipeline/flight.h"

#include <algorithm>

namespace hasten::pipeline {
namespace {

constexpr std::size_t k_rows_per_grab = 64;  // rows that a thread tokenises before it asks again

std::optional<Task> take_task_of(const std::shared_ptr<Flight>& flight, bool all_planned_before) {
  switch (flight->stage) {
    case Stage::k_encoding: {
      const std::size_t begin = flight->next_row;
      if (begin == flight->block.rows.size()) return std::nullopt;
      flight->next_row = std::min(flight->block.rows.size(), begin + k_rows_per_grab);
      return Task{flight, Stage::k_encoding, begin, flight->next_row};
    }
    case Stage::k_encoded:
      if (!all_planned_before) return std::nullopt;
      flight->stage = Stage::k_planning;
      return Task{flight, Stage::k_planning};
    case Stage::k_computing:
      if (flight->next_batch == flight->batches.size()) return std::nullopt;
      return Task{flight, Stage::k_computing, flight->next_batch++};
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Task> take_task(const Flights& flights) {
  bool all_planned = true;
  for (const auto& flight : flights) {
    if (auto task = take_task_of(flight, all_planned)) return task;
    all_planned = all_planned && flight->stage >= Stage::k_computing;
  }
  return std::nullopt;
}

void complete(const Task& task) {
  Flight& flight = *task.flight;
  if (task.stage == Stage::k_computing) {
    if (--flight.batches_left == 0) flight.stage = Stage::k_done;
  } else if (task.stage == Stage::k_encoding) {
    flight.rows_left -= task.end - task.begin;
    if (flight.rows_left == 0) flight.stage = Stage::k_encoded;
  } else {
    flight.stage = flight.batches.empty() ? Stage::k_done : Stage::k_computing;
  }
}

}  // namespace hasten::pipeline
