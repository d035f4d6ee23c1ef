// The engine's own way to run a graph: float32 on the kernels, several texts in step with each other.
#pragma once

#include <memory>

#include "engine/backend.h"
#include "engine/generic/length_cache.h"

namespace hasten::engine::generic {

// What the streams share.
struct FastProgram {
  // Throws what Plan throws.
  FastProgram(const graph::Graph& graph, const cpu::KernelTable& kernels)
      : plan(graph, kernels), sizes(graph::fixed_sizes(graph)), lengths(plan, sizes) {}
  const Plan plan;
  const graph::FixedSizes sizes;
  mutable LengthCache lengths;
};

class FastExecutable final : public Executable {
 public:
  explicit FastExecutable(std::shared_ptr<const FastProgram> program)
      : program_(std::move(program)) {}
  std::unique_ptr<Stream> make_stream(const StreamOptions& options) const override;
  std::string description() const override;

 private:
  std::shared_ptr<const FastProgram> program_;  // streams may outlive the executable
};

// The logits of one text of one token, computed once: throws ComputesInHalf, and what its steps throw.
std::vector<float> try_program(const FastProgram& program);

}  // namespace hasten::engine::generic
