// Which of cuBLASLt's algorithms a product is computed with.
#pragma once

#include "engine/cuda/matmul.h"

namespace hasten::engine::cuda {

// The fastest of those that split no sum, take any number of rows and give a row the same bits among any others,
// measured on `rows` rows. Waits for the stream. Throws k_unsupported when there is none.
cublasLtMatmulAlgo_t fastest_algorithm(Matmul& matmul, const ProductShape& shape, std::size_t rows);

}  // namespace hasten::engine::cuda
