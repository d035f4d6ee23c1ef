// Elements of one array copied into another, each walked in steps of its own.
#pragma once

#include <algorithm>
#include <cstdint>

#include "graph/broadcast.h"

namespace hasten::engine::generic {

// Axes with the steps of the source and the target, those joined along which both go on as along the next one.
struct Box {
  Dims dims;
  std::array<Dims, 2> steps;

  // Axes are added from the first to the last. An axis of length 0 makes the box empty.
  void add_axis(std::int64_t length, std::int64_t from_step, std::int64_t to_step) {
    if (length == 1) return;
    const bool goes_on = !dims.empty() && steps[0].back() == from_step * length &&
                         steps[1].back() == to_step * length;
    if (goes_on) {
      dims.back() *= length;
      steps[0].back() = from_step;
      steps[1].back() = to_step;
      return;
    }
    dims.push_back(length);
    steps[0].push_back(from_step);
    steps[1].push_back(to_step);
  }
};

template <typename T>
void copy_line(const T* from, std::int64_t from_step, T* to, std::int64_t to_step,
               std::int64_t length) {
  if (from_step == 1 && to_step == 1) {
    std::copy_n(from, length, to);
  } else if (from_step == 0 && to_step == 1) {
    std::fill_n(to, length, *from);
  } else {
    for (std::int64_t i = 0; i < length; ++i) to[i * to_step] = from[i * from_step];
  }
}

template <typename T>
void copy_box(const Box& box, const T* from, T* to) {
  if (box.dims.empty()) {
    *to = *from;
    return;
  }
  Dims outer = box.dims;
  std::array<Dims, 2> steps = box.steps;
  const std::int64_t length = outer.back();
  const std::int64_t from_step = steps[0].back();
  const std::int64_t to_step = steps[1].back();
  outer.pop_back();
  for (Dims& each : steps) each.pop_back();
  if (length == 0) return;
  graph::walk(outer, steps, [&](std::int64_t, const auto& at) {
    copy_line(from + at[0], from_step, to + at[1], to_step, length);
  });
}

}  // namespace hasten::engine::generic
