// Weights: a checkpoint's tensors under the names that an architecture asks for.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/shape.h"
#include "base/tensor.h"
#include "checkpoint/checkpoint.h"

namespace hasten::architectures {

// Finds tensors and keeps account of those that were used. Names are taken as transformers takes
// them: without `module.` (torch's data-parallel wrapper), LayerNorm's `gamma` and `beta` meaning
// `weight` and `bias`, and the model's own prefix ("bert.") left out by the whole checkpoint or by
// none of it. The checkpoint must outlive it.
class Weights {
 public:
  Weights(const checkpoint::Checkpoint& checkpoint, std::string prefix);

  // The tensor, or nullptr; it counts as used.
  const Tensor* find(std::string_view name);

  // The tensor, which must have these dimensions; throws k_malformed naming it when it is missing
  // or has others. The reasons given in the message are those that the config states.
  const Tensor& take(std::string_view name, const Dims& dims);

  // Throws k_malformed naming the first tensor that nobody took, unless it matches one of
  // `leftovers`: "cls." is a beginning, ".position_ids" an ending.
  void expect_all_used(std::span<const std::string_view> leftovers) const;

  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  std::string prefix_;
  bool without_prefix_ = false;
  std::map<std::string, const Tensor*, std::less<>> tensors_;
  std::set<std::string, std::less<>> used_;
};

}  // namespace hasten::architectures
