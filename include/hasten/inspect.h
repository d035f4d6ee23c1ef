// What a model file or checkpoint folder is; what this machine can run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hasten {

struct ModelSummary {
  std::string kind;          // "ONNX file" or "checkpoint folder"
  std::string architecture;  // empty when the file does not say
  std::string producer;
  std::vector<std::pair<std::string, std::string>> inputs;  // name -> "int64[batch_size, sequence]"
  // Inputs of other names than the usual: name -> "input_ids", "attention_mask", "token_type_ids" or
  // "position_ids", as found by what the graph does with them. Empty where they are not understood.
  std::vector<std::pair<std::string, std::string>> input_roles;
  std::vector<std::pair<std::string, std::string>> outputs;
  std::map<std::string, std::int64_t> opsets;
  std::vector<std::string> labels;
  std::string function;
  std::string function_reason;
  std::int64_t max_length = 0;
  std::string max_length_reason;
  std::string tokenizer;  // empty when none is embedded
  std::int64_t parameter_count = 0;
  std::uint64_t weight_bytes = 0;
  std::map<std::string, std::size_t> operators;            // as stored: "MatMul" -> count
  std::map<std::string, std::size_t> optimized_operators;  // after the passes
  std::vector<std::pair<std::string, std::size_t>> fused;  // pass -> rewrites it makes now
  std::vector<std::string> passes_already_run;
  std::string precision_plan;     // JSON, as 'tune' recorded it; empty: never tuned
  std::string measured_fidelity;  // JSON: what was measured of that plan
  std::map<std::string, std::string> source_hashes;
  std::string tool_version;
  std::string obstacle;  // why it would run on the generic engine; empty otherwise
};

// Throws k_not_found, k_malformed, k_unsupported.
ModelSummary inspect(const std::filesystem::path& model);

struct InstructionSet {
  std::string name;
  std::string needs;
  std::string precisions;
  bool available = false;
  bool chosen = false;
};

struct CpuSummary {
  std::string model;
  int threads = 0;                               // that this process may use
  std::vector<InstructionSet> instruction_sets;  // best first
};

CpuSummary inspect_cpu();

struct Device {
  int number = 0;
  std::string name;                // "NVIDIA H100 80GB HBM3"
  std::string compute_capability;  // "9.0"
  std::uint64_t memory_bytes = 0;
  std::uint64_t free_bytes = 0;
  std::string obstacle;  // why it cannot be used; empty when it can
};

// The GPUs, and why they cannot be used.
struct DeviceSummary {
  std::vector<Device> devices;
  std::string runtime_version;  // of CUDA, that the plug-in was built with
  std::string driver_version;   // the newest CUDA that the driver takes
  std::string obstacle;         // why none can be used; empty when one can
};

// Throws nothing for what is missing: that is the obstacle.
DeviceSummary inspect_devices();

// The stored graph as text, one node a line.
std::string dump_graph(const std::filesystem::path& model);

// What an optimisation changed: operators that are more or fewer, one a line ("Add 40 -> 12"), an empty
// line, and the two texts' lines, "- " before those of the first alone and "+ " before those of the
// second alone, long runs of common lines left out.
std::string diff_graphs(const std::filesystem::path& before, const std::filesystem::path& after);

}  // namespace hasten
