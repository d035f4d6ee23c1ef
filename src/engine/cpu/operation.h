// Operation: one instruction of a program, prepared to run.
#pragma once

#include <memory>
#include <string>

#include "engine/cpu/team.h"
#include "engine/cpu/workspace.h"
#include "engine/program.h"

namespace hasten::engine::cpu {

// Immutable and shared by all streams. Every worker of a team calls run() with the same batch and
// workspace and its own worker; when the last one returns, the output is written. Allocates
// nothing.
class Operation {
 public:
  virtual ~Operation() = default;
  virtual void run(const RaggedBatch& batch, const Workspace& workspace,
                   const Worker& worker) const = 0;
  // Bytes of Workspace::scratch() that each worker needs for sequences of up to `longest` tokens.
  virtual std::size_t scratch_bytes(std::size_t /*longest*/) const { return 0; }
  // Multiply-adds times two of its matrix products.
  virtual double flops(const RaggedBatch& /*batch*/) const { return 0; }
  // "Linear 384x1536 gelu_erf"
  virtual std::string name() const = 0;
};

inline std::size_t row_count(const RaggedBatch& batch, Rows rows) {
  return rows == Rows::k_tokens ? batch.token_count() : batch.sequence_count();
}

}  // namespace hasten::engine::cpu
