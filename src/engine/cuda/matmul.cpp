#include "engine/cuda/matmul.h"

#include <array>

#include "base/error.h"

namespace hasten::engine::cuda {
namespace {

constexpr std::size_t k_workspace_bytes = std::size_t{32} << 20;
constexpr int k_recommended = 16;

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

}  // namespace

Matmul::Matmul(cudaStream_t stream) : stream_(stream), workspace_(k_workspace_bytes) {
  check_blas(cublasLtCreate(&handle_), "cuBLASLt cannot start");
}

void Matmul::run(const ProductShape& shape, const ProductTask& task,
                 const cublasLtMatmulAlgo_t& algorithm) {
  Description description(shape);
  if (shape.has_bias) description.set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, task.bias);
  Layouts layouts(shape, task.rows);
  const float one = 1;
  const float added = shape.adds ? 1.0F : 0.0F;
  const void* addend = shape.adds ? task.addend : task.output;
  check_blas(cublasLtMatmul(handle_, description.get(), &one, task.weight, layouts.weight.get(),
                            task.input, layouts.input.get(), &added, addend, layouts.output.get(),
                            task.output, layouts.output.get(), &algorithm, workspace_.data(),
                            workspace_.size(), stream_),
             "a matrix product failed");
}

bool Matmul::takes(const ProductShape& shape, std::size_t rows,
                   const cublasLtMatmulAlgo_t& algorithm) {
  Description description(shape);
  Layouts layouts(shape, rows);
  cublasLtMatmulHeuristicResult_t result{};
  const cublasStatus_t status =
      cublasLtMatmulAlgoCheck(handle_, description.get(), layouts.weight.get(), layouts.input.get(),
                              layouts.output.get(), layouts.output.get(), &algorithm, &result);
  return status == CUBLAS_STATUS_SUCCESS && result.workspaceSize <= workspace_.size();
}

std::vector<cublasLtMatmulAlgo_t> Matmul::recommended(const ProductShape& shape, std::size_t rows) {
  cublasLtMatmulPreferenceOpaque_t preference{};
  check_blas(cublasLtMatmulPreferenceInit(&preference), "a preference");
  const std::size_t bytes = workspace_.size();
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
  std::array<cublasLtMatmulHeuristicResult_t, k_recommended> found{};
  int count = 0;
  const cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(
      handle_, description.get(), layouts.weight.get(), layouts.input.get(), layouts.output.get(),
      layouts.output.get(), &preference, k_recommended, found.data(), &count);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) return {};  // such as bfloat16 before Ampere
  check_blas(status, "no algorithm was found for a matrix product");
  std::vector<cublasLtMatmulAlgo_t> result;
  result.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) result.push_back(found[static_cast<std::size_t>(i)].algo);
  return result;
}

}  // namespace hasten::engine::cuda
