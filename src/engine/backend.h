// Backend: what turns a Program into something that runs on a device.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/program.h"

namespace hasten::engine {

// Seconds spent in one kind of instruction since the stream was made or asked last.
struct ProfileEntry {
  std::string name;  // "Linear 384x1536 gelu_erf"
  double seconds = 0;
  double flops = 0;
  std::size_t calls = 0;
};

// One lane of execution: scratch memory for one batch at a time. Used by one thread at a time.
class Stream {
 public:
  virtual ~Stream() = default;
  // Writes sequence_count x class_count logits, row-major. The batch must keep the program's limits
  // (position_limit, vocabulary_size, type_count); this is asserted, not checked.
  // A text's logits do not depend on its batch mates, its place or the number of threads.
  virtual void run(const RaggedBatch& batch, std::span<float> logits) = 0;
  // Per kind of instruction, when profiling was asked for; empty otherwise.
  virtual std::vector<ProfileEntry> take_profile() { return {}; }
};

struct StreamOptions {
  int threads = 1;  // threads that share each batch
  bool profile = false;
};

// A program prepared for a device: immutable, shared by all its streams.
class Executable {
 public:
  virtual ~Executable() = default;
  virtual std::unique_ptr<Stream> make_stream(const StreamOptions& options) const = 0;
  // "cpu, AVX-512"
  virtual std::string description() const = 0;
  // What the user should be told of how it runs here; may come while it runs. Empty for nothing.
  virtual std::string note() const { return {}; }
  // Tokens of a batch that keeps the device busy; more is cut by the stream itself.
  virtual std::size_t token_budget() const { return 1024; }
  // As few tokens as still do: so small are the last batches of a run.
  virtual std::size_t smallest_batch() const { return 192; }
};

}  // namespace hasten::engine
