// ONNX file -> the same classifier with fused operators, in the form that is asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hasten {

// How the weights of the output are stored, and what it computes in.
enum class OutputForm {
  k_as_is,
  k_float16,   // whole model; inputs and outputs stay float32
  k_bfloat16,  // likewise
  k_int8,      // weights behind DequantizeLinear, a scale per column; see docs/optimizing.md
};

struct OptimizeOptions {
  std::filesystem::path input;        // a file, or a folder of Optimum's with one
  std::filesystem::path tokenizer{};  // a folder whose tokenizer and labels the output is to carry
  std::filesystem::path output;       // may equal input: replaced atomically
  std::vector<std::string> skip_passes;  // by name
  OutputForm form = OutputForm::k_as_is;
  bool int8_embeddings = false;  // with k_int8: embedding tables too, a scale per row
  bool strict = false;           // an encoder layer whose attention is not fused is an error
  bool verify_passes =
      false;  // each pass is tried on numbers; one that changes the outputs is an error
  std::int64_t num_heads = 0;         // what the fused attention must have; 0: whatever it has
  std::int64_t hidden_size = 0;       // likewise
  bool int32_inputs = false;          // int64 inputs become int32
  bool external_data = false;         // weights go into a file of their own, whatever their size
  bool approximate_gelu = false;      // exact GELU becomes FastGelu
  bool drop_masks = false;            // fused attention reads no mask: for texts without padding
  bool multi_head_attention = false;  // MultiHeadAttention instead of Attention
  bool separate_skip_biases = false;  // no bias inside SkipLayerNormalization
};

struct PassSummary {
  std::string name;
  std::string summary;
  std::size_t rewrites = 0;
  double seconds = 0;
  std::vector<std::string> unmatched;  // what looked like its pattern and was left alone, and why
  double difference = -1;              // of the outputs, with verify_passes; -1: not measured
};

struct OptimizeReport {
  std::vector<PassSummary> passes;
  std::vector<std::string> unfused_layers;  // "layer 3: node ...: expected ..."
  std::size_t nodes_before = 0;
  std::size_t nodes_after = 0;
  std::size_t half_nodes = 0;                // that compute in 16 bits
  std::size_t clamped = 0;                   // weights beyond the range of the 16-bit type
  std::vector<std::string> kept_in_float32;  // nodes whose results could exceed that range
  std::size_t int8_matrices = 0;
  std::size_t int8_tables = 0;
  std::uint64_t input_bytes = 0;   // of the weights
  std::uint64_t output_bytes = 0;  // of the weights and of what is written with them
  double seconds = 0;
};

// Throws k_not_found, k_malformed, k_usage (no such pass; other heads than asked for), k_unsupported
// (strict; a form that the graph cannot take), k_internal (a pass that changed the outputs) or
// k_output. On failure the output is as it was.
OptimizeReport optimize(const OptimizeOptions& options);

// Names and one-line summaries of all passes, in order.
std::vector<PassSummary> list_passes();

}  // namespace hasten
