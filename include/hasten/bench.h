// How fast a model runs here, against what the processor could do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <hasten/options.h>
#include <hasten/texts.h>

namespace hasten {

struct BenchOptions {
  int repetitions = 3;   // runs after the warm-up, of which the median counts
  bool profile = false;  // where the time goes
  bool latency = false;  // also classify each text by itself, one after the other
};

// Processor time of one kind of work over all repetitions.
struct ProfiledWork {
  std::string name;  // "Linear 384x1536 gelu_erf int8"
  double seconds = 0;
  double share = 0;             // of the processor time of all threads
  double flops_per_second = 0;  // of matrix products, on each thread; 0 for other work
  std::size_t calls = 0;
};

// One repetition. A share below 1: other processes took the rest of the processor, or threads waited.
struct BenchRun {
  double seconds = 0;
  double processor_share = 0;  // processor time / (threads x seconds)
};

// Seconds from one string to its probabilities.
struct Latency {
  double median = 0;
  double percentile_99 = 0;
};

struct BenchReport {
  std::size_t texts = 0;
  std::uint64_t tokens = 0;
  double seconds = 0;  // median, from raw strings to probabilities
  double texts_per_second = 0;
  double tokens_per_second = 0;
  double flops_per_second = 0;     // of the matrix products alone
  double peak_flops = 0;           // measured in this run: a register-only loop on every thread
  double peak_ratio = 0;           // flops_per_second / peak_flops
  std::string description;         // of the classifier
  std::vector<std::string> notes;  // which device 'auto' chose, and what that ran into
  std::uint64_t peak_memory = 0;   // bytes, of the process
  std::vector<BenchRun> runs;
  std::optional<Latency> latency;
  std::vector<ProfiledWork> profile;  // the longest first; the last entry is what the others leave
};

// Classifies `rows` once to warm up, then in turn with the measuring of the peak. Throws what
// Classifier::open throws.
BenchReport bench(const std::filesystem::path& model, std::span<const TextRow> rows,
                  const ModelOptions& options, const BenchOptions& how = {});

// The peak of `threads` threads (0: all that this process may use) in operations per second at a precision, in a register-only loop.
double measure_peak_flops(Precision precision, int threads, const std::string& isa = {});

}  // namespace hasten
