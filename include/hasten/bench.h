// How fast a model runs here, against what the processor could do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <hasten/options.h>
#include <hasten/texts.h>

namespace hasten {

struct BenchReport {
  std::size_t texts = 0;
  std::uint64_t tokens = 0;
  double seconds = 0;           // median, from raw strings to probabilities
  double texts_per_second = 0;
  double tokens_per_second = 0;
  double flops_per_second = 0;  // of the matrix products alone
  double peak_flops = 0;        // measured in this run: a register-only loop on every thread
  double peak_ratio = 0;        // flops_per_second / peak_flops
  std::string description;      // of the classifier
  std::uint64_t peak_memory = 0;  // bytes, of the process
};

// Classifies `rows` once to warm up and `repetitions` times for the median. Throws what
// Classifier::open throws.
BenchReport bench(const std::filesystem::path& model, std::span<const TextRow> rows,
                  const ModelOptions& options, int repetitions = 3);

// The peak of `threads` threads (0: all that this process may use) in operations per second at a precision, in a register-only loop.
double measure_peak_flops(Precision precision, int threads, const std::string& isa = {});

}  // namespace hasten
