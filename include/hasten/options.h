// Settings that several verbs share.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hasten {

// float16 and float8: GPUs alone, int8: CPUs alone, where int8_plain leaves out the Hadamard matrices that keep int8
// near float32, and is a little faster; auto: as the model says (what 'tune' recorded, or int8 where its
// weights are stored so), else float32.
enum class Precision { k_float32, k_bfloat16, k_float16, k_int8, k_int8_plain, k_float8, k_auto };

// What turns logits into probabilities.
enum class Function { k_softmax, k_sigmoid, k_none };

// How a model is opened and run.
struct ModelOptions {
  Precision precision = Precision::k_float32;
  int threads = 0;                   // 0: as many as affinity and cgroup quota allow
  std::string device = "cpu";        // cpu; cuda, cuda:1, cuda:0,1; auto: a GPU if there is one
  std::string isa;                   // instruction set by name; empty: HASTEN_ISA, else the best
  std::optional<Function> function;  // instead of the model's own
  std::optional<std::int64_t>
      max_length;  // tokens, special ones included; instead of the model's own
  // A folder with the tokenizer's files (and, for an ONNX file without them, config.json with the labels)
  // instead of the model's own.
  std::filesystem::path tokenizer{};
  // Every operator as the file says, one after the other, unpadded: what the file's runtime computes,
  // int8 per tensor included. Slow; `precision` must be k_auto or k_float32, `device` the CPU.
  bool exact = false;
};

// "fp32", "bf16", "fp16", "int8", "int8-plain", "fp8", "auto"; throws k_usage.
Precision parse_precision(const std::string& name);
// "softmax", "sigmoid", "none"; throws k_usage.
Function parse_function(const std::string& name);
const char* name_of(Precision precision);
const char* name_of(Function function);

}  // namespace hasten
