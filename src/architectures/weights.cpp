#include "architectures/weights.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace hasten::architectures {
namespace {

void replace_ending(std::string& name, std::string_view ending, std::string_view replacement) {
  if (!name.ends_with(ending)) return;
  name.replace(name.size() - ending.size(), ending.size(), replacement);
}

// DataParallel and torch.compile put their names before those of the model that they hold.
std::string_view without_wrappers(std::string_view name) {
  constexpr std::string_view k_wrappers[] = {"module.", "_orig_mod."};
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view wrapper : k_wrappers) {
      if (!name.starts_with(wrapper)) continue;
      name.remove_prefix(wrapper.size());
      found = true;
    }
  }
  return name;
}

// How modules of training libraries call the model that they hold; architectures have parts of that name.
constexpr std::string_view k_holder = "model.";

bool are_all_held(const checkpoint::Checkpoint& checkpoint) {
  return std::all_of(checkpoint.tensors.begin(), checkpoint.tensors.end(), [](const auto& entry) {
    return without_wrappers(entry.first).starts_with(k_holder);
  });
}

std::string canonical_name(std::string_view name, bool is_held) {
  name = without_wrappers(name);
  if (is_held) name.remove_prefix(k_holder.size());
  std::string out(name);
  replace_ending(out, "LayerNorm.gamma", "LayerNorm.weight");
  replace_ending(out, "LayerNorm.beta", "LayerNorm.bias");
  return out;
}

bool is_leftover(std::string_view name, std::string_view pattern) {
  return pattern.starts_with('.') ? name.ends_with(pattern) : name.starts_with(pattern);
}

// What every architecture leaves aside: buffers that are computed, and the weights of a loss.
constexpr std::string_view k_common_leftovers[] = {".position_ids", ".token_type_ids", "loss_fct.",
                                                   "criterion."};

}  // namespace

Weights::Weights(const checkpoint::Checkpoint& checkpoint, std::string prefix)
    : folder_(checkpoint.folder.string()), prefix_(std::move(prefix)) {
  without_prefix_ = true;
  const bool is_held = are_all_held(checkpoint);
  for (const auto& [name, tensor] : checkpoint.tensors) {
    std::string canonical = canonical_name(name, is_held);
    if (canonical.starts_with(prefix_)) without_prefix_ = false;
    if (!tensors_.emplace(std::move(canonical), &tensor).second) {
      fail(ErrorCode::k_malformed,
           fmt::format("two tensors mean {}", canonical_name(name, is_held)), folder_,
           "the file mixes checkpoints of two kinds", "Save the model again from one source.");
    }
  }
}

const Tensor* Weights::find(std::string_view name) {
  if (without_prefix_ && name.starts_with(prefix_)) name.remove_prefix(prefix_.size());
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return nullptr;
  used_.emplace(name);
  return found->second;
}

const Tensor& Weights::take(std::string_view name, const Dims& dims) {
  const Tensor* tensor = find(name);
  if (tensor == nullptr) {
    fail(ErrorCode::k_malformed, fmt::format("the tensor {} is missing", name), folder_,
         "the weights and config.json belong to different models, or saving was interrupted",
         "Use the folder that training saved last.");
  }
  if (tensor->dims != dims) {
    fail(ErrorCode::k_malformed,
         fmt::format("the tensor {} is {}, but config.json asks for {}", name,
                     to_string(tensor->dims), to_string(dims)),
         folder_, "the weights and config.json belong to different models",
         "Use a config.json that was saved with these weights.");
  }
  if (!is_floating(tensor->dtype)) {
    fail(ErrorCode::k_unsupported,
         fmt::format("the tensor {} holds {} values", name, name_of(tensor->dtype)), folder_,
         "the weights were quantised", "Convert the checkpoint from before its quantisation.");
  }
  return *tensor;
}

void Weights::expect_all_used(std::span<const std::string_view> leftovers) const {
  const auto known = [&](std::string_view name) {
    const auto matches = [&](std::string_view pattern) { return is_leftover(name, pattern); };
    return std::any_of(leftovers.begin(), leftovers.end(), matches) ||
           std::any_of(std::begin(k_common_leftovers), std::end(k_common_leftovers), matches);
  };
  for (const auto& [name, tensor] : tensors_) {
    if (used_.contains(name) || known(name)) continue;
    if (without_prefix_ && known(prefix_ + name)) continue;
    fail(ErrorCode::k_malformed,
         fmt::format("the tensor {} {} has no place in this architecture", name,
                     to_string(tensor->dims)),
         folder_,
         "config.json describes another model than the weights, such as one with fewer layers",
         "Use a config.json that was saved with these weights.");
  }
}

}  // namespace hasten::architectures
