// ONNX file -> the same classifier with fused operators.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hasten {

struct OptimizeOptions {
  std::filesystem::path input;
  std::filesystem::path output;           // may equal input: replaced atomically
  std::vector<std::string> skip_passes;   // by name
};

struct PassSummary {
  std::string name;
  std::string summary;
  std::size_t rewrites = 0;
  double seconds = 0;
  std::vector<std::string> unmatched;  // what looked like its pattern and was left alone, and why
};

struct OptimizeReport {
  std::vector<PassSummary> passes;
  std::size_t nodes_before = 0;
  std::size_t nodes_after = 0;
  std::uint64_t output_bytes = 0;
  double seconds = 0;
};

// Throws k_not_found, k_malformed, k_usage (no such pass) or k_output. On failure the output is as it was.
OptimizeReport optimize(const OptimizeOptions& options);

// Names and one-line summaries of all passes, in order.
std::vector<PassSummary> list_passes();

}  // namespace hasten
