// The flags of onnxruntime.transformers.optimizer (before: onnxruntime_tools.optimizer_cli), so that
// scripts written for it run as they are.
#pragma once

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

#include <hasten/optimize.h>

namespace hasten::cli {

// Each is taken with its meaning, or refused with the reason; none is passed over in silence.
class OptimizerFlags {
 public:
  OptimizerFlags();
  ~OptimizerFlags();

  // `options` must outlive the parsing. --input and --output are the verb's own.
  void add_to(CLI::App& verb, OptimizeOptions& options);

  // What the flags say that no single field of the options does. Throws k_usage for a value that is
  // none, k_unsupported for what is refused.
  void apply(OptimizeOptions& options) const;

 private:
  struct Values;
  std::unique_ptr<Values> values_;
};

}  // namespace hasten::cli
