#include "engine/cuda/product.h"

#include <cublasLt.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <mutex>
#include <vector>

#include "base/error.h"
#include "engine/cuda/memory.h"

namespace hasten::engine::cuda {
namespace {

constexpr std::size_t k_workspace_bytes = std::size_t{32} << 20;
constexpr int k_candidates = 16;
constexpr int k_timed_runs = 5;
// An algorithm must take these numbers of rows, and the number that it is measured on.
constexpr std::array<std::size_t, 5> k_row_samples{1, 64, 192, 1024, 4608};

void check_blas(cublasStatus_t status, const char* what) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  if (status == CUBLAS_STATUS_ALLOC_FAILED) check(cudaErrorMemoryAllocation, what);
  fail(status == CUBLAS_STATUS_EXECUTION_FAILED ? ErrorCode::k_incomplete : ErrorCode::k_internal, what,
       "cuBLASLt", cublasLtGetStatusString(status),
       "Run the same command again; if it fails again, use --device cpu and report this.");
}

cudaDataType_t data_type(NumberType type) {
  switch (type) {
    case NumberType::k_float32: return CUDA_R_32F;
    case NumberType::k_bfloat16: return CUDA_R_16BF;
    case NumberType::k_float16: return CUDA_R_16F;
  }
  return CUDA_R_32F;
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
    check_blas(cublasLtMatmulDescSetAttribute(&product_, attribute, &value, sizeof(value)), "a product");
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

std::shared_ptr<AlgorithmCache> make_algorithm_cache() { return std::make_shared<AlgorithmCache>(); }

struct Product::State {
  State(std::shared_ptr<AlgorithmCache> the_cache, cudaStream_t the_stream)
      : cache(std::move(the_cache)), stream(the_stream), workspace(k_workspace_bytes) {
    check_blas(cublasLtCreate(&handle), "cuBLASLt cannot start");
  }
  ~State() { cublasLtDestroy(handle); }

  void run(const ProductShape& shape, const ProductTask& task, const cublasLtMatmulAlgo_t& algorithm);
  bool takes(const ProductShape& shape, std::size_t rows, const cublasLtMatmulAlgo_t& algorithm);
  std::vector<cublasLtMatmulAlgo_t> candidates(const ProductShape& shape, std::size_t rows);
  float milliseconds(const ProductShape& shape, const ProductTask& task,
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
  check_blas(cublasLtMatmul(handle, description.get(), &one, task.weight, layouts.weight.get(), task.input,
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
std::vector<cublasLtMatmulAlgo_t> Product::State::candidates(const ProductShape& shape, std::size_t rows) {
  cublasLtMatmulPreferenceOpaque_t preference{};
  check_blas(cublasLtMatmulPreferenceInit(&preference), "a preference");
  const std::size_t bytes = workspace.size();
  const std::uint32_t no_reduction = CUBLASLT_REDUCTION_SCHEME_NONE;
  check_blas(cublasLtMatmulPreferenceSetAttribute(&preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                                  &bytes, sizeof(bytes)),
             "a preference");
  check_blas(cublasLtMatmulPreferenceSetAttribute(&preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                                                  &no_reduction, sizeof(no_reduction)),
             "a preference");
  Description description(shape);
  Layouts layouts(shape, rows);
  std::array<cublasLtMatmulHeuristicResult_t, k_candidates> found{};
  int count = 0;
  check_blas(cublasLtMatmulAlgoGetHeuristic(handle, description.get(), layouts.weight.get(),
                                            layouts.input.get(), layouts.output.get(), layouts.output.get(),
                                            &preference, k_candidates, found.data(), &count),
             "no algorithm was found for a matrix product");
  std::vector<cublasLtMatmulAlgo_t> result;
  for (int i = 0; i < count; ++i) {
    const cublasLtMatmulAlgo_t& algorithm = found[static_cast<std::size_t>(i)].algo;
    const bool all = std::all_of(k_row_samples.begin(), k_row_samples.end(),
                                 [&](std::size_t sample) { return takes(shape, sample, algorithm); });
    if (all && takes(shape, rows, algorithm)) result.push_back(algorithm);
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

cublasLtMatmulAlgo_t Product::State::fastest(const ProductShape& shape, std::size_t rows) {
  const auto algorithms = candidates(shape, rows);
  if (algorithms.empty()) {
    fail(ErrorCode::k_unsupported,
         fmt::format("the GPU has no matrix product of {} by {}", shape.inputs, shape.outputs), "cuBLASLt", {},
         "Use another --precision, or --device cpu.");
  }
  if (algorithms.size() == 1) return algorithms.front();
  const std::size_t widest = sizeof(float);
  const DeviceMemory input(rows * shape.inputs * widest);
  const DeviceMemory weight(shape.outputs * shape.inputs * widest);
  const DeviceMemory bias(shape.outputs * widest);
  const DeviceMemory output(rows * shape.outputs * widest);
  for (const DeviceMemory* memory : {&input, &weight, &bias, &output}) {
    check(cudaMemsetAsync(memory->data(), 0, memory->size(), stream), "a measurement failed");
  }
  const ProductTask task{rows, input.data(), weight.data(), bias.data(), output.data(), output.data()};
  float least = std::numeric_limits<float>::infinity();
  cublasLtMatmulAlgo_t best = algorithms.front();
  for (const cublasLtMatmulAlgo_t& algorithm : algorithms) {
    const float time = milliseconds(shape, task, algorithm);
    if (time < least) {
      least = time;
      best = algorithm;
    }
  }
  return best;
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
