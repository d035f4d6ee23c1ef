#include "engine/cuda/product.h"

#include <cublasLt.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "base/error.h"
#include "engine/cuda/memory.h"
#include "engine/cuda/random_numbers.h"

namespace hasten::engine::cuda {
namespace {

constexpr std::size_t k_workspace_bytes = std::size_t{32} << 20;
constexpr int k_candidates = 16;
constexpr int k_timed_runs = 5;
// An algorithm must take these numbers of rows, and the number that it is measured on.
constexpr std::array<std::size_t, 5> k_row_samples{1, 64, 192, 1024, 4608};
constexpr std::size_t k_least_float8_rows =
    64;  // they have one a token, which come in multiples of 64

void check_blas(cublasStatus_t status, const char* what) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  if (status == CUBLAS_STATUS_ALLOC_FAILED) check(cudaErrorMemoryAllocation, what);
  fail(status == CUBLAS_STATUS_EXECUTION_FAILED ? ErrorCode::k_incomplete : ErrorCode::k_internal,
       what, "cuBLASLt", cublasLtGetStatusString(status),
       "Run the same command again; if it fails again, use --device cpu and report this.");
}

cudaDataType_t data_type(NumberType type) {
  switch (type) {
    case NumberType::k_float32:
      return CUDA_R_32F;
    case NumberType::k_bfloat16:
      return CUDA_R_16BF;
    case NumberType::k_float16:
      return CUDA_R_16F;
    case NumberType::k_float8:
      return CUDA_R_8F_E4M3;
  }
  return CUDA_R_32F;
}

// Rows of a result that are compared with the same rows among more.
constexpr std::size_t k_compared_rows = 64;

std::size_t least_rows(const ProductShape& shape) {
  return shape.operand == NumberType::k_float8 ? k_least_float8_rows : 1;
}

// A description of a product in cuBLASLt's column-major terms: our row-major matrices are its
// transposed ones, so weight and input change places.
class Description {
 public:
  explicit Description(const ProductShape& shape) {
    check_blas(cublasLtMatmulDescInit(&product_, CUBLAS_COMPUTE_32F, CUDA_R_32F), "a product");
    set(CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_T);
    if (shape.has_bias) {
      set(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS);
      set(CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, data_type(shape.result));
    }
  }

  template <typename T>
  void set(cublasLtMatmulDescAttributes_t attribute, const T& value) {
    check_blas(cublasLtMatmulDescSetAttribute(&product_, attribute, &value, sizeof(value)),
               "a product");
  }
  cublasLtMatmulDesc_t get() { return &product_; }

 private:
  cublasLtMatmulDescOpaque_t product_{};
};

class Layout {
 public:
  Layout(NumberType type, std::size_t rows, std::size_t columns) {
    check_blas(cublasLtMatrixLayoutInit(&layout_, data_type(type), rows, columns,
                                        static_cast<std::int64_t>(rows)),
               "a matrix");
  }
  cublasLtMatrixLayout_t get() { return &layout_; }

 private:
  cublasLtMatrixLayoutOpaque_t layout_{};
};

struct Layouts {
  Layouts(const ProductShape& shape, std::size_t rows)
      : weight(shape.operand, shape.inputs, shape.outputs),
        input(shape.operand, shape.inputs, rows),
        output(shape.result, shape.outputs, rows) {}
  Layout weight, input, output;
};

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

}  // namespace

class AlgorithmCache {
 public:
  std::mutex mutex;
  std::map<ProductShape, cublasLtMatmulAlgo_t> algorithms;
};

std::shared_ptr<AlgorithmCache> make_algorithm_cache() {
  return std::make_shared<AlgorithmCache>();
}

struct Product::State {
  State(std::shared_ptr<AlgorithmCache> the_cache, cudaStream_t the_stream)
      : cache(std::move(the_cache)), stream(the_stream), workspace(k_workspace_bytes) {
    check_blas(cublasLtCreate(&handle), "cuBLASLt cannot start");
  }
  ~State() { cublasLtDestroy(handle); }

  void run(const ProductShape& shape, const ProductTask& task,
           const cublasLtMatmulAlgo_t& algorithm);
  bool takes(const ProductShape& shape, std::size_t rows, const cublasLtMatmulAlgo_t& algorithm);
  std::vector<cublasLtMatmulAlgo_t> candidates(const ProductShape& shape, std::size_t rows);
  float milliseconds(const ProductShape& shape, const ProductTask& task,
                     const cublasLtMatmulAlgo_t& algorithm);
  std::vector<std::byte> first_rows(const ProductShape& shape, const Trial& trial, std::size_t rows,
                                    const cublasLtMatmulAlgo_t& algorithm);
  bool keeps_bits(const ProductShape& shape, const Trial& trial, std::size_t rows,
                  const cublasLtMatmulAlgo_t& algorithm);
  cublasLtMatmulAlgo_t fastest(const ProductShape& shape, std::size_t rows);

  std::shared_ptr<AlgorithmCache> cache;
  cudaStream_t stream;
  DeviceMemory workspace;
  cublasLtHandle_t handle = nullptr;
};

void Product::State::run(const ProductShape& shape, const ProductTask& task,
                         const cublasLtMatmulAlgo_t& algorithm) {
  Description description(shape);
  if (shape.has_bias) description.set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, task.bias);
  Layouts layouts(shape, task.rows);
  const float one = 1;
  const float added = shape.adds ? 1.0F : 0.0F;
  const void* addend = shape.adds ? task.addend : task.output;
  check_blas(
      cublasLtMatmul(handle, description.get(), &one, task.weight, layouts.weight.get(), task.input,
                     layouts.input.get(), &added, addend, layouts.output.get(), task.output,
                     layouts.output.get(), &algorithm, workspace.data(), workspace.size(), stream),
      "a matrix product failed");
}

bool Product::State::takes(const ProductShape& shape, std::size_t rows,
                           const cublasLtMatmulAlgo_t& algorithm) {
  Description description(shape);
  Layouts layouts(shape, rows);
  cublasLtMatmulHeuristicResult_t result{};
  const cublasStatus_t status =
      cublasLtMatmulAlgoCheck(handle, description.get(), layouts.weight.get(), layouts.input.get(),
                              layouts.output.get(), layouts.output.get(), &algorithm, &result);
  return status == CUBLAS_STATUS_SUCCESS && result.workspaceSize <= workspace.size();
}

// Those that split no sum and take every number of rows.
std::vector<cublasLtMatmulAlgo_t> Product::State::candidates(const ProductShape& shape,
                                                             std::size_t rows) {
  cublasLtMatmulPreferenceOpaque_t preference{};
  check_blas(cublasLtMatmulPreferenceInit(&preference), "a preference");
  const std::size_t bytes = workspace.size();
  const std::uint32_t no_reduction = CUBLASLT_REDUCTION_SCHEME_NONE;
  check_blas(cublasLtMatmulPreferenceSetAttribute(
                 &preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &bytes, sizeof(bytes)),
             "a preference");
  check_blas(
      cublasLtMatmulPreferenceSetAttribute(&preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                                           &no_reduction, sizeof(no_reduction)),
      "a preference");
  Description description(shape);
  Layouts layouts(shape, rows);
  std::array<cublasLtMatmulHeuristicResult_t, k_candidates> found{};
  int count = 0;
  const cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(
      handle, description.get(), layouts.weight.get(), layouts.input.get(), layouts.output.get(),
      layouts.output.get(), &preference, k_candidates, found.data(), &count);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) return {};  // such as bfloat16 before Ampere
  check_blas(status, "no algorithm was found for a matrix product");
  std::vector<cublasLtMatmulAlgo_t> result;
  for (int i = 0; i < count; ++i) {
    const cublasLtMatmulAlgo_t& algorithm = found[static_cast<std::size_t>(i)].algo;
    const bool all =
        std::all_of(k_row_samples.begin(), k_row_samples.end(), [&](std::size_t sample) {
          return sample < least_rows(shape) || takes(shape, sample, algorithm);
        });
    if (all && !splits_sums(algorithm) && takes(shape, rows, algorithm))
      result.push_back(algorithm);
  }
  return result;
}

float Product::State::milliseconds(const ProductShape& shape, const ProductTask& task,
                                   const cublasLtMatmulAlgo_t& algorithm) {
  const Event start;
  const Event end;
  run(shape, task, algorithm);
  check(cudaEventRecord(start.get(), stream), "a measurement failed");
  for (int i = 0; i < k_timed_runs; ++i) run(shape, task, algorithm);
  check(cudaEventRecord(end.get(), stream), "a measurement failed");
  check(cudaEventSynchronize(end.get()), "a measurement failed");
  float result = 0;
  check(cudaEventElapsedTime(&result, start.get(), end.get()), "a measurement failed");
  return result;
}

// The result's first rows.
std::vector<std::byte> Product::State::first_rows(const ProductShape& shape, const Trial& trial,
                                                  std::size_t rows,
                                                  const cublasLtMatmulAlgo_t& algorithm) {
  run(shape, trial.task(rows), algorithm);
  check(cudaStreamSynchronize(stream), "a measurement failed");
  const std::size_t element = shape.result == NumberType::k_float32 ? sizeof(float) : 2;
  std::vector<std::byte> bytes(std::min(rows, k_compared_rows) * shape.outputs * element);
  check(cudaMemcpy(bytes.data(), trial.output.data(), bytes.size(), cudaMemcpyDeviceToHost),
        "a measurement failed");
  return bytes;
}

// Whether a row has the same bits among any number of others: no attribute of an algorithm promises it.
bool Product::State::keeps_bits(const ProductShape& shape, const Trial& trial, std::size_t rows,
                                const cublasLtMatmulAlgo_t& algorithm) {
  const std::vector<std::byte> expected = first_rows(shape, trial, rows, algorithm);
  return std::all_of(k_row_samples.begin(), k_row_samples.end(), [&](std::size_t sample) {
    if (sample < least_rows(shape) || sample > rows) return true;
    const std::vector<std::byte> got = first_rows(shape, trial, sample, algorithm);
    return std::memcmp(got.data(), expected.data(), std::min(got.size(), expected.size())) == 0;
  });
}

cublasLtMatmulAlgo_t Product::State::fastest(const ProductShape& shape, std::size_t rows) {
  const auto algorithms = candidates(shape, rows);
  const Trial trial(shape, algorithms.empty() ? 0 : rows);
  std::vector<std::pair<float, std::size_t>> order;
  for (std::size_t i = 0; i < algorithms.size(); ++i) {
    order.emplace_back(
        algorithms.size() == 1 ? 0 : milliseconds(shape, trial.task(rows), algorithms[i]), i);
  }
  std::sort(order.begin(), order.end());
  for (const auto& [time, index] : order) {
    if (keeps_bits(shape, trial, rows, algorithms[index])) return algorithms[index];
  }
  fail(ErrorCode::k_unsupported,
       fmt::format("the GPU has no matrix product of {} by {}", shape.inputs, shape.outputs),
       "cuBLASLt",
       algorithms.empty() ? "it knows no algorithm for this precision"
                          : "all of its results depend on the number of rows",
       "Use another --precision, or --device cpu.");
}

Product::Product(std::shared_ptr<AlgorithmCache> cache, cudaStream_t stream)
    : state_(std::make_unique<State>(std::move(cache), stream)) {}

Product::~Product() = default;

void Product::prepare(const ProductShape& shape, std::size_t rows) {
  const std::lock_guard lock(state_->cache->mutex);
  if (state_->cache->algorithms.contains(shape)) return;
  state_->cache->algorithms.emplace(shape, state_->fastest(shape, rows));
}

void Product::enqueue(const ProductShape& shape, const ProductTask& task) {
  const cublasLtMatmulAlgo_t* algorithm = nullptr;
  {
    const std::lock_guard lock(state_->cache->mutex);
    algorithm = &state_->cache->algorithms.at(shape);  // nodes of a map stay where they are
  }
  state_->run(shape, task, *algorithm);
}

}  // namespace hasten::engine::cuda
