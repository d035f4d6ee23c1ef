// Session: a graph made ready to run, as the engine's own program or, when it does not lower, by the
// generic engine.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/backend.h"
#include "engine/device.h"
#include "engine/precision_plan.h"
#include "engine/program.h"
#include "graph/graph.h"

namespace hasten::engine {

struct SessionOptions {
  PrecisionPlan precision;  // one precision, or one for each product by name
  DeviceOptions device;
  bool exact = false;  // the generic engine, even where the graph lowers
};

// Immutable; make one stream for each thread that runs batches.
class Session {
 public:
  // Decides once: a copy of the graph, of which only the logits are kept (graph/classifier_head.h), is
  // rewritten by the passes, lowered and prepacked.
  // Throws k_unsupported for a precision that does not run here, on the generic engine any but float32,
  // and for a plan that names a product which the model lacks; k_usage for an instruction set that does not.
  static std::unique_ptr<const Session> open(const graph::Graph& model,
                                             const SessionOptions& options);

  std::unique_ptr<Stream> make_stream(const StreamOptions& options) const {
    return prepared_.executable->make_stream(options);
  }

  std::int64_t class_count() const { return class_count_; }
  std::int64_t position_limit() const { return position_limit_; }    // 0: none known
  std::int64_t vocabulary_size() const { return vocabulary_size_; }  // 0: none known
  std::int64_t type_count() const { return type_count_; }            // 0: none known
  double flops_per_token() const { return flops_per_token_; }        // 0 on the generic engine
  double flops_per_sequence() const { return flops_per_sequence_; }
  // What precisions can be chosen for, in the order in which they run; empty on the generic engine.
  const std::vector<MatrixProduct>& products() const { return products_; }
  // What is computed of them: where the classifier reads one token alone, a product may be two, one of
  // them for each text; names repeat then.
  const std::vector<MatrixProduct>& computed_products() const { return computed_products_; }
  // "cpu, AVX-512" or "generic: ..." with the node that stopped the lowering.
  std::string description() const { return prepared_.executable->description(); }
  std::size_t token_budget() const { return prepared_.executable->token_budget(); }
  std::size_t smallest_batch() const { return prepared_.executable->smallest_batch(); }
  // What the user should be told: which device 'auto' chose, which products fp8 does not take, and what the device
  // ran into so far.
  std::vector<std::string> notes() const;
  // The numbers of the GPUs that it runs on; empty on the CPU.
  const std::vector<int>& gpus() const { return prepared_.gpus; }
  // Why the graph runs on the generic engine, asked for or not; empty when it was lowered.
  const std::string& obstacle() const { return obstacle_; }

 private:
  Session() = default;
  void take_limits(const Program& program);

  PreparedDevice prepared_;
  std::int64_t class_count_ = 0;
  std::int64_t position_limit_ = 0;
  std::int64_t vocabulary_size_ = 0;
  std::int64_t type_count_ = 0;
  double flops_per_token_ = 0;
  double flops_per_sequence_ = 0;
  std::vector<MatrixProduct> products_;
  std::vector<MatrixProduct> computed_products_;
  std::string float8_note_;
  std::string obstacle_;
};

}  // namespace hasten::engine
