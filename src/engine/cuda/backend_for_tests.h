// Batches for the tests of the backend, on whatever device there is. For tests only.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/cpu/programs_for_tests.h"
#include "engine/cuda/cuda_backend.h"
#include "engine/float8_products.h"

namespace hasten::engine::cuda {

using cpu::reference::ModelMaker;
using cpu::reference::ModelShape;
using cpu::reference::PackedBatch;
using cpu::reference::Random;
using cpu::reference::Sequence;

inline std::vector<Sequence> sequences_of(Random& random, const std::vector<std::size_t>& lengths) {
  std::vector<Sequence> sequences;
  for (const std::size_t length : lengths)
    sequences.push_back(cpu::reference::random_sequence(random, length));
  return sequences;
}

inline std::vector<float> logits_of(Stream& stream, const std::vector<Sequence>& sequences,
                                    std::int64_t classes) {
  const PackedBatch batch(sequences);
  std::vector<float> logits(sequences.size() * static_cast<std::size_t>(classes), NAN);
  stream.run(batch.view(), logits);
  return logits;
}

inline Program small_program(Random& random, Precision precision = Precision::k_float32) {
  return ModelMaker(random, {.hidden = 32, .intermediate = 48, .layers = 1, .precision = precision})
      .make();
}

// What prepare() says that is wrong.
inline std::string failure_of(const Program& program, const std::vector<int>& devices,
                              ErrorCode code) {
  try {
    prepare(program, devices);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

}  // namespace hasten::engine::cuda
