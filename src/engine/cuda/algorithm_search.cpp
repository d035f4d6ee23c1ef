#include "engine/cuda/algorithm_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "base/error.h"
#include "engine/cuda/random_numbers.h"

namespace hasten::engine::cuda {
namespace {

constexpr int k_timed_runs = 5;
// An algorithm must take these numbers of rows, and the number that it is measured on.
constexpr std::array<std::size_t, 5> k_row_samples{1, 64, 192, 1024, 4608};
constexpr std::size_t k_least_float8_rows =
    64;  // they have one a token, which come in multiples of 64

// Rows of a result that are compared with the same rows among more.
constexpr std::size_t k_compared_rows = 64;

std::size_t least_rows(const ProductShape& shape) {
  return shape.operand == NumberType::k_float8 ? k_least_float8_rows : 1;
}

bool splits_sums(const cublasLtMatmulAlgo_t& algorithm) {
  std::int32_t splits = 1;
  std::size_t written = 0;
  const cublasStatus_t status = cublasLtMatmulAlgoConfigGetAttribute(
      &algorithm, CUBLASLT_ALGO_CONFIG_SPLITK_NUM, &splits, sizeof(splits), &written);
  return status == CUBLAS_STATUS_SUCCESS && splits > 1;
}

// Operands to try algorithms on.
struct Trial {
  Trial(const ProductShape& shape, std::size_t rows)
      : input(random_numbers(shape.operand, rows * shape.inputs)),
        weight(random_numbers(shape.operand, shape.outputs * shape.inputs)),
        bias(random_numbers(shape.result, shape.outputs)),
        addend(random_numbers(shape.result, rows * shape.outputs)),
        output(rows * shape.outputs * sizeof(float)) {}
  ProductTask task(std::size_t rows) const {
    return {rows, input.data(), weight.data(), bias.data(), addend.data(), output.data()};
  }
  DeviceMemory input, weight, bias, addend, output;
};

class Event {
 public:
  Event() { check(cudaEventCreate(&event_), "an event cannot be made"); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { cudaEventDestroy(event_); }
  cudaEvent_t get() const { return event_; }

 private:
  cudaEvent_t event_ = nullptr;
};

// Those that split no sum and take every number of rows.
std::vector<cublasLtMatmulAlgo_t> candidates(Matmul& matmul, const ProductShape& shape,
                                             std::size_t rows) {
  std::vector<cublasLtMatmulAlgo_t> result = matmul.recommended(shape, rows);
  std::erase_if(result, [&](const cublasLtMatmulAlgo_t& algorithm) {
    const bool all =
        std::all_of(k_row_samples.begin(), k_row_samples.end(), [&](std::size_t sample) {
          return sample < least_rows(shape) || matmul.takes(shape, sample, algorithm);
        });
    return !all || splits_sums(algorithm) || !matmul.takes(shape, rows, algorithm);
  });
  return result;
}

float milliseconds(Matmul& matmul, const ProductShape& shape, const ProductTask& task,
                   const cublasLtMatmulAlgo_t& algorithm) {
  const Event start;
  const Event end;
  matmul.run(shape, task, algorithm);
  check(cudaEventRecord(start.get(), matmul.stream()), "a measurement failed");
  for (int i = 0; i < k_timed_runs; ++i) matmul.run(shape, task, algorithm);
  check(cudaEventRecord(end.get(), matmul.stream()), "a measurement failed");
  check(cudaEventSynchronize(end.get()), "a measurement failed");
  float result = 0;
  check(cudaEventElapsedTime(&result, start.get(), end.get()), "a measurement failed");
  return result;
}

// The result's first rows.
std::vector<std::byte> first_rows(Matmul& matmul, const ProductShape& shape, const Trial& trial,
                                  std::size_t rows, const cublasLtMatmulAlgo_t& algorithm) {
  matmul.run(shape, trial.task(rows), algorithm);
  check(cudaStreamSynchronize(matmul.stream()), "a measurement failed");
  const std::size_t element = shape.result == NumberType::k_float32 ? sizeof(float) : 2;
  std::vector<std::byte> bytes(std::min(rows, k_compared_rows) * shape.outputs * element);
  check(cudaMemcpy(bytes.data(), trial.output.data(), bytes.size(), cudaMemcpyDeviceToHost),
        "a measurement failed");
  return bytes;
}

// Whether a row has the same bits among any number of others: no attribute of an algorithm promises it.
bool keeps_bits(Matmul& matmul, const ProductShape& shape, const Trial& trial, std::size_t rows,
                const cublasLtMatmulAlgo_t& algorithm) {
  const std::vector<std::byte> expected = first_rows(matmul, shape, trial, rows, algorithm);
  return std::all_of(k_row_samples.begin(), k_row_samples.end(), [&](std::size_t sample) {
    if (sample < least_rows(shape) || sample > rows) return true;
    const std::vector<std::byte> got = first_rows(matmul, shape, trial, sample, algorithm);
    return std::memcmp(got.data(), expected.data(), std::min(got.size(), expected.size())) == 0;
  });
}

}  // namespace

cublasLtMatmulAlgo_t fastest_algorithm(Matmul& matmul, const ProductShape& shape,
                                       std::size_t rows) {
  const auto algorithms = candidates(matmul, shape, rows);
  const Trial trial(shape, algorithms.empty() ? 0 : rows);
  std::vector<std::pair<float, std::size_t>> order;
  for (std::size_t i = 0; i < algorithms.size(); ++i) {
    order.emplace_back(
        algorithms.size() == 1 ? 0 : milliseconds(matmul, shape, trial.task(rows), algorithms[i]),
        i);
  }
  std::sort(order.begin(), order.end());
  for (const auto& [time, index] : order) {
    if (keeps_bits(matmul, shape, trial, rows, algorithms[index])) return algorithms[index];
  }
  fail(ErrorCode::k_unsupported,
       fmt::format("the GPU has no matrix product of {} by {}", shape.inputs, shape.outputs),
       "cuBLASLt",
       algorithms.empty() ? "it knows no algorithm for this precision"
                          : "all of its results depend on the number of rows",
       "Use another --precision, or --device cpu.");
}

}  // namespace hasten::engine::cuda
