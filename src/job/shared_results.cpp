#include "job/shared_results.h"

#include <fmt/format.h>

#include <random>

#include "base/error.h"
#include "base/sha256.h"
#include "job/result_segment.h"

namespace hasten::job {
namespace {

constexpr std::size_t k_segment_texts = std::size_t{1} << 18;  // from which on it is time
// No run makes a larger one: a block has far fewer texts than this.
constexpr std::size_t k_most_segment_texts = 2 * k_segment_texts;
constexpr std::size_t k_name_digits = 16;

std::string random_name() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

}  // namespace

SharedResults::SharedResults(const LabelPlan& plan, JobFolder& folder,
                             pipeline::BlockPipeline& pipeline)
    : plan_(plan),
      folder_(folder),
      pipeline_(pipeline),
      run_(random_name()),
      last_(std::chrono::steady_clock::now()) {
  for (std::size_t group = 0; group < pipeline.group_count(); ++group) {
    Sha256 hash;
    hash.update(settings_hash(plan.job));
    hash.update(fmt::format("{} {}", group, plan.arithmetic));
    bindings_.push_back(hex_of(hash.finish()));
  }
}

std::string SharedResults::folder_of(std::size_t group) const {
  return JobFolder::k_results + ("/" + bindings_[group].substr(0, k_name_digits));
}

void SharedResults::receive() {
  for (std::size_t group = 0; group < bindings_.size(); ++group) {
    std::vector<std::string> names;
    try {
      names = folder_.store().list(folder_of(group));
    } catch (const Error&) {
      continue;  // the job goes on without
    }
    for (const std::string& name : names) {
      if (plan_.pipeline.stop != nullptr && *plan_.pipeline.stop) return;
      if (seen_.insert(name).second) receive(group, name);
    }
  }
}

void SharedResults::receive(std::size_t group, const std::string& name) {
  const std::size_t value_count = pipeline_.value_count(group);
  std::optional<std::string> bytes;
  try {
    const auto size = folder_.store().size(name);
    if (!size || *size > segment_bytes(k_most_segment_texts, value_count)) return;
    bytes = folder_.store().read(name);
  } catch (const Error&) {
    return;
  }
  const auto results = bytes ? decode_segment(*bytes, bindings_[group], value_count) : std::nullopt;
  if (!results) return;
  pipeline_.add_results(group, *results);
  received_ += results->keys.size();
}

void SharedResults::exchange() {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < plan_.share_interval && pipeline_.result_count() < k_segment_texts) return;
  publish();
  receive();
  last_ = std::chrono::steady_clock::now();
}

void SharedResults::publish() {
  for (std::size_t group = 0; group < bindings_.size(); ++group) {
    const pipeline::KeyedResults results = pipeline_.take_results(group);
    if (results.keys.empty()) continue;
    const std::string name = fmt::format("{}/{}-{:06}", folder_of(group), run_, ++segments_);
    folder_.publish_results(name, encode(results, bindings_[group]));
    seen_.insert(name);
  }
}

void SharedResults::publish_rest() {
  if (folder_.recorded_parts().size() < plan_.job.inputs.size()) publish();
}

}  // namespace hasten::job
