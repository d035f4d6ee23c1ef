#include "engine/generic/fast_executable.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <numeric>

#include "base/error.h"
#include "base/thread_clock.h"
#include "base/thread_pool.h"
#include "engine/cpu/float_environment.h"
#include "engine/generic/step_runner.h"
#include "engine/generic/token_inputs.h"

namespace hasten::engine::generic {
namespace {

// Tokens of the texts that run in step: enough to read weights seldom, few enough to stay in the caches.
constexpr std::size_t k_group_tokens = 256;

// Texts [begin, end) of a batch that run in step.
struct Group {
  std::size_t begin;
  std::size_t end;
};

// What a graph makes of a text's tokens: one of a fixed length pads them, one of a fixed batch repeats them.
std::size_t computed_tokens(std::size_t length, const graph::FixedSizes& sizes) {
  return std::max(length, static_cast<std::size_t>(std::max<std::int64_t>(sizes.length, 0))) *
         static_cast<std::size_t>(std::max<std::int64_t>(sizes.batch, 1));
}

std::vector<Group> cut_batch(const RaggedBatch& batch, const graph::FixedSizes& sizes,
                             int threads) {
  std::vector<std::size_t> tokens_of;
  for (std::size_t text = 0; text < batch.sequence_count(); ++text) {
    const auto length = static_cast<std::size_t>(batch.offsets[text + 1] - batch.offsets[text]);
    tokens_of.push_back(computed_tokens(length, sizes));
  }
  const auto lanes = static_cast<std::size_t>(threads);
  const std::size_t all = std::accumulate(tokens_of.begin(), tokens_of.end(), std::size_t{0});
  const std::size_t most = std::min(k_group_tokens, (all + lanes - 1) / lanes);
  std::vector<Group> groups;
  std::size_t tokens = 0;
  for (std::size_t text = 0; text < tokens_of.size(); ++text) {
    if (groups.empty() || tokens + tokens_of[text] > most) {
      groups.push_back({text, text});
      tokens = 0;
    }
    groups.back().end = text + 1;
    tokens += tokens_of[text];
  }
  return groups;
}

// What one thread runs groups with.
class Lane {
 public:
  Lane(const FastProgram& program, bool profiles)
      : program_(program), profiles_(profiles), bench_(program.plan.kernels()) {
    if (profiles) seconds_.resize(program.plan.text_steps().size());
  }

  // As run(), with the threads of `team`, this one among them, for large products.
  void run_with(ThreadPool& team, const RaggedBatch& batch, const Group& group, float* logits,
                std::size_t classes) {
    struct Joined {
      Workbench& bench;
      ~Joined() { bench.team = nullptr; }
    } const joined{bench_};
    bench_.team = &team;
    run(batch, group, logits, classes);
  }

  // The logits of each text of a group, one after the other.
  void run(const RaggedBatch& batch, const Group& group, float* logits, std::size_t classes,
           bool refuses_half = false) {
    const cpu::FloatEnvironment environment;
    const Plan& plan = program_.plan;
    slots_.reset(plan.graph().value_count(), group.end - group.begin);
    HeldLengths lengths;
    // The slots are emptied before the lengths' arrays that they share may be dropped.
    const Emptied emptied{slots_};
    set_inputs(batch, group, refuses_half, lengths);
    for (std::size_t index = 0; index < plan.text_steps().size(); ++index) {
      const double start = profiles_ ? thread_seconds() : 0;
      run_step(plan, plan.text_steps()[index], bench_, slots_, refuses_half);
      if (profiles_) seconds_[index] += thread_seconds() - start;
    }
    for (std::size_t text = 0; text < slots_.texts(); ++text)
      copy_logits(text, logits + text * classes, classes);
  }

  std::vector<float> logits_of_one_token() {
    const std::array<std::int32_t, 1> zero{};
    const std::array<std::int32_t, 2> offsets{0, 1};
    check_inputs(program_.plan.graph(), program_.sizes, 1);
    std::vector<float> logits;
    run({zero, zero, offsets}, {0, 1}, nullptr, 0, true);
    logits.assign(last_.begin(), last_.end());
    return logits;
  }

  void add_profile(std::map<std::string, ProfileEntry>& kinds) {
    for (std::size_t index = 0; index < seconds_.size(); ++index) {
      const std::string& name = program_.plan.text_steps()[index].name;
      ProfileEntry& kind = kinds.try_emplace(name, ProfileEntry{name, 0, 0, 0}).first->second;
      kind.seconds += std::exchange(seconds_[index], 0);
      ++kind.calls;
    }
  }

 private:
  struct Emptied {
    ArraySlots& slots;
    ~Emptied() { slots.reset(0, 0); }
  };
  using HeldLengths = std::vector<std::shared_ptr<const LengthArrays>>;

  // `held` keeps arrays alive that the slots share.
  void set_inputs(const RaggedBatch& batch, const Group& group, bool refuses_half,
                  HeldLengths& held) {
    const Plan& plan = program_.plan;
    for (std::size_t text = group.begin; text < group.end; ++text) {
      const auto begin = static_cast<std::size_t>(batch.offsets[text]);
      const auto length = static_cast<std::size_t>(batch.offsets[text + 1]) - begin;
      const std::size_t place = text - group.begin;
      set_text_inputs(plan.graph(), program_.sizes, batch.token_ids.subspan(begin, length),
                      batch.type_ids.subspan(begin, length), place, slots_);
      held.push_back(program_.lengths.of_length(length, refuses_half));
      for (std::size_t index = 0; index < plan.length_values().size(); ++index)
        slots_.at(plan.length_values()[index], place) = (*held.back())[index];
    }
  }

  // Of the texts that the graph takes at a time, all the same, the first one's.
  void copy_logits(std::size_t text, float* to, std::size_t classes) {
    const graph::ValueId output = program_.plan.graph().outputs()[0];
    const Array* constant = program_.plan.constant(output);
    const Array& array = constant != nullptr ? *constant : slots_.at(output, text);
    const auto copies = static_cast<std::size_t>(std::max<std::int64_t>(program_.sizes.batch, 1));
    std::span<const float> logits = array.reals.first(array.reals.size() / copies);
    if (to == nullptr) {
      last_.assign(logits.begin(), logits.end());
      return;
    }
    if (logits.size() != classes) {
      fail(ErrorCode::k_malformed, "the graph's output is not one row of logits per text");
    }
    std::copy(logits.begin(), logits.end(), to);
  }

  const FastProgram& program_;
  const bool profiles_;
  Workbench bench_;
  ArraySlots slots_;
  std::vector<double> seconds_;  // by step
  std::vector<float> last_;
};

class FastStream final : public Stream {
 public:
  FastStream(std::shared_ptr<const FastProgram> program, const StreamOptions& options)
      : program_(std::move(program)), threads_(options.threads) {
    for (int thread = 0; thread < threads_.size(); ++thread)
      lanes_.push_back(std::make_unique<Lane>(*program_, options.profile));
  }

  void run(const RaggedBatch& batch, std::span<float> logits) override {
    if (batch.sequence_count() == 0) return;
    const std::size_t classes = logits.size() / batch.sequence_count();
    const std::vector<Group> groups = cut_batch(batch, program_->sizes, threads_.size());
    if (groups.size() == 1 && threads_.size() > 1)
      return lanes_[0]->run_with(threads_, batch, groups[0], logits.data(), classes);
    std::atomic<std::size_t> next = 0;
    threads_.run([&](int thread) {
      for (std::size_t index = next++; index < groups.size(); index = next++) {
        lanes_[static_cast<std::size_t>(thread)]->run(
            batch, groups[index], &logits[groups[index].begin * classes], classes);
      }
    });
  }

  std::vector<ProfileEntry> take_profile() override {
    std::map<std::string, ProfileEntry> kinds;
    for (const auto& lane : lanes_) lane->add_profile(kinds);
    std::vector<ProfileEntry> entries;
    for (auto& [name, entry] : kinds) entries.push_back(std::move(entry));
    return entries;
  }

 private:
  const std::shared_ptr<const FastProgram> program_;
  ThreadPool threads_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace

std::unique_ptr<Stream> FastExecutable::make_stream(const StreamOptions& options) const {
  return std::make_unique<FastStream>(program_, options);
}

std::string FastExecutable::description() const {
  return fmt::format("generic engine, {}", program_->plan.kernels().name);
}

std::vector<float> try_program(const FastProgram& program) {
  return Lane(program, false).logits_of_one_token();
}

}  // namespace hasten::engine::generic
