// The functions of cublasLt.h by plain loops; the algorithms are those of the machine.
#include <cublasLt.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <vector>

#include "base/float8.h"
#include "base/half.h"
#include "engine/cuda/emulation/control.h"

// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the toolkit's names

namespace {

namespace emulated = hasten::engine::cuda::emulated;

constexpr std::size_t k_chains = 16;  // sums that do not wait for one another
constexpr std::uint64_t k_float8_multiple = 16;

float read(const void* data, cudaDataType_t type, std::size_t at) {
  switch (type) {
    case CUDA_R_16BF:
      return hasten::bfloat16_to_float(static_cast<const std::uint16_t*>(data)[at]);
    case CUDA_R_16F:
      return hasten::float16_to_float(static_cast<const std::uint16_t*>(data)[at]);
    case CUDA_R_8F_E4M3:
      return hasten::float8_to_float(static_cast<const std::uint8_t*>(data)[at]);
    case CUDA_R_32F:
      break;
  }
  return static_cast<const float*>(data)[at];
}

void write(void* data, cudaDataType_t type, std::size_t at, float value) {
  if (type == CUDA_R_16BF) {
    static_cast<std::uint16_t*>(data)[at] = hasten::float_to_bfloat16(value);
  } else if (type == CUDA_R_16F) {
    static_cast<std::uint16_t*>(data)[at] = hasten::float_to_float16(value);
  } else {
    static_cast<float*>(data)[at] = value;
  }
}

std::vector<float> widened(const void* data, const cublasLtMatrixLayoutOpaque_t& layout) {
  std::vector<float> values(layout.rows * layout.columns);
  for (std::size_t at = 0; at < values.size(); ++at) values[at] = read(data, layout.type, at);
  return values;
}

// One product; everything is copied, since it may be recorded.
struct Work {
  cublasLtMatmulDescOpaque_t description;
  cublasLtMatrixLayoutOpaque_t left, right, result;
  const void *left_data, *right_data, *addend;
  void* output;
  float added;
  emulated::Algorithm algorithm;

  void run() const {
    const std::vector<float> weight = widened(left_data, left);
    const std::vector<float> input = widened(right_data, right);
    const std::size_t depth = left.rows;
    // One whose sums depend on the number of rows.
    const std::size_t chains = algorithm.depends_on_rows && right.columns < 128 ? 1 : k_chains;
    for (std::size_t row = 0; row < right.columns; ++row) {
      for (std::size_t column = 0; column < left.columns; ++column) {
        float partial[k_chains] = {};
        for (std::size_t k = 0; k < depth; ++k) {
          partial[k % chains] += input[row * depth + k] * weight[column * depth + k];
        }
        float sum = std::accumulate(std::begin(partial), std::end(partial), 0.0F);
        const std::size_t at = row * left.columns + column;
        if (added != 0) sum += added * read(addend, result.type, at);
        if (description.epilogue == CUBLASLT_EPILOGUE_BIAS)
          sum += read(description.bias, description.bias_type, column);
        write(output, result.type, at, sum);
      }
    }
  }
};

bool is_supported(const cublasLtMatmulDescOpaque_t& description,
                  const cublasLtMatrixLayoutOpaque_t& left,
                  const cublasLtMatrixLayoutOpaque_t& right,
                  const cublasLtMatrixLayoutOpaque_t& output) {
  if (description.left != CUBLAS_OP_T || left.type != right.type || output.type == CUDA_R_8F_E4M3)
    return false;
  if (left.type != CUDA_R_8F_E4M3) return output.type == CUDA_R_32F || output.type == left.type;
  return left.rows % k_float8_multiple == 0 && left.columns % k_float8_multiple == 0;
}

}  // namespace

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  *handle = nullptr;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t /*handle*/) {
  return CUBLAS_STATUS_SUCCESS;
}
const char* cublasLtGetStatusString(cublasStatus_t /*status*/) {
  return "a status of the emulated machine";
}

cublasStatus_t cublasLtMatmulDescInit(cublasLtMatmulDesc_t description, cublasComputeType_t /*one*/,
                                      cudaDataType_t /*float*/) {
  *description = {};
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t description,
                                              cublasLtMatmulDescAttributes_t attribute,
                                              const void* value, std::size_t /*size*/) {
  switch (attribute) {
    case CUBLASLT_MATMUL_DESC_TRANSA:
      description->left = *static_cast<const cublasOperation_t*>(value);
      break;
    case CUBLASLT_MATMUL_DESC_EPILOGUE:
      description->epilogue = *static_cast<const cublasLtEpilogue_t*>(value);
      break;
    case CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE:
      description->bias_type = *static_cast<const cudaDataType_t*>(value);
      break;
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER:
      description->bias = *static_cast<const void* const*>(value);
      break;
  }
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatrixLayoutInit(cublasLtMatrixLayout_t layout, cudaDataType_t type,
                                        std::uint64_t rows, std::uint64_t columns,
                                        std::int64_t leading_dimension) {
  *layout = {type, rows, columns};
  return static_cast<std::uint64_t>(leading_dimension) == rows ? CUBLAS_STATUS_SUCCESS
                                                               : CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t cublasLtMatmulPreferenceInit(cublasLtMatmulPreference_t preference) {
  *preference = {};
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t attribute,
                                                    const void* value, std::size_t /*size*/) {
  if (attribute == CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK) {
    preference->reductions = *static_cast<const std::uint32_t*>(value);
  }
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t* algorithm,
                                                    cublasLtMatmulAlgoConfigAttributes_t /*splits*/,
                                                    void* value, std::size_t size,
                                                    std::size_t* written) {
  const auto& its = emulated::machine().algorithms[static_cast<std::size_t>(algorithm->number)];
  *static_cast<std::int32_t*>(value) = its.splits;
  *written = size;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(
    cublasLtHandle_t /*handle*/, cublasLtMatmulDesc_t description, cublasLtMatrixLayout_t left,
    cublasLtMatrixLayout_t right, cublasLtMatrixLayout_t /*addend*/, cublasLtMatrixLayout_t output,
    cublasLtMatmulPreference_t /*preference*/, int most, cublasLtMatmulHeuristicResult_t* results,
    int* count) {
  *count = 0;
  if (!is_supported(*description, *left, *right, *output)) return CUBLAS_STATUS_NOT_SUPPORTED;
  const std::size_t known = emulated::machine().algorithms.size();
  for (std::size_t number = 0; number < known && *count < most; ++number) {
    results[(*count)++].algo.number = static_cast<int>(number);
  }
  return *count == 0 ? CUBLAS_STATUS_NOT_SUPPORTED : CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulAlgoCheck(
    cublasLtHandle_t /*handle*/, cublasLtMatmulDesc_t description, cublasLtMatrixLayout_t left,
    cublasLtMatrixLayout_t right, cublasLtMatrixLayout_t /*addend*/, cublasLtMatrixLayout_t output,
    const cublasLtMatmulAlgo_t* algorithm, cublasLtMatmulHeuristicResult_t* result) {
  const auto& its = emulated::machine().algorithms[static_cast<std::size_t>(algorithm->number)];
  result->algo = *algorithm;
  result->workspaceSize = 0;
  const bool takes =
      right->columns >= its.least_rows && is_supported(*description, *left, *right, *output);
  return takes ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_SUPPORTED;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t /*handle*/, cublasLtMatmulDesc_t description,
                              const void* /*one*/, const void* left,
                              cublasLtMatrixLayout_t left_layout, const void* right,
                              cublasLtMatrixLayout_t right_layout, const void* beta,
                              const void* addend, cublasLtMatrixLayout_t /*as the output's*/,
                              void* output, cublasLtMatrixLayout_t output_layout,
                              const cublasLtMatmulAlgo_t* algorithm, void* /*workspace*/,
                              std::size_t /*its size*/, cudaStream_t stream) {
  emulated::Machine& machine = emulated::machine();
  const emulated::Algorithm& its = machine.algorithms[static_cast<std::size_t>(algorithm->number)];
  if (!is_supported(*description, *left_layout, *right_layout, *output_layout) ||
      right_layout->columns < its.least_rows) {
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  machine.milliseconds += its.milliseconds;
  const Work work{*description,
                  *left_layout,
                  *right_layout,
                  *output_layout,
                  left,
                  right,
                  addend,
                  output,
                  *static_cast<const float*>(beta),
                  its};
  emulated::enqueue(stream, [work] { work.run(); });
  return CUBLAS_STATUS_SUCCESS;
}
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
