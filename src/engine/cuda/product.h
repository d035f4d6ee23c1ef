// Product: matrix products of one lane, by cuBLASLt.
//
// output[r, n] = sum over k of input[r, k] * weight[n, k] (+ bias[n]) (+ output before, where added to),
// all row-major, sums in float32, never in TF32. One algorithm, found once for each shape of weight, is used
// for every number of rows, and none splits the sum over k: a row's result does not depend on the
// others. Products of float8 take no bias, addend or scales (the caller multiplies the result by those of row and column:
// cuBLASLt has scales by row on some cards alone), and inputs and outputs in multiples of 16.
#pragma once

#include <cuda_runtime.h>

#include <compare>
#include <cstddef>
#include <memory>

#include "engine/program.h"

namespace hasten::engine::cuda {

enum class NumberType { k_float32, k_bfloat16, k_float16, k_float8 };

// Throws k_unsupported for int8, which products here do not have.
NumberType number_type_of(Precision precision);

struct ProductShape {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  NumberType operand = NumberType::k_float32;  // of input, weight
  NumberType result =
      NumberType::k_float32;  // of output and bias: float32 or the operand's (float8: bfloat16)
  bool has_bias = false;
  bool adds = false;  // to `addend`
  auto operator<=>(const ProductShape&) const =
      default;  // NOLINT(modernize-use-nullptr): its own 0
};

struct ProductTask {
  std::size_t rows = 0;
  const void* input = nullptr;
  const void* weight = nullptr;
  const void* bias = nullptr;
  const void* addend = nullptr;  // of the result's type; may be the output itself
  void* output = nullptr;
};

// The algorithms found for one device: shared by its lanes.
class AlgorithmCache;
std::shared_ptr<AlgorithmCache> make_algorithm_cache();

// Rows that algorithms are measured on: a full batch of short texts.
#ifdef HASTEN_EMULATED_CUDA
inline constexpr std::size_t k_measured_rows = 256;  // it has no speed to measure
#else
inline constexpr std::size_t k_measured_rows = 8192;
#endif

class Product {
 public:
  // On the current device. `cache` is filled by prepare() and read by all.
  Product(std::shared_ptr<AlgorithmCache> cache, cudaStream_t stream);
  ~Product();

  // Finds the algorithm of a shape, by measuring on `rows` rows; done before any run. Throws
  // k_unsupported when there is none.
  void prepare(const ProductShape& shape, std::size_t rows);
  void enqueue(const ProductShape& shape, const ProductTask& task);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hasten::engine::cuda
