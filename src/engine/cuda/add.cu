// Add: the sum of two buffers.
#include "engine/cuda/elementwise.h"

namespace hasten::engine::cuda {
namespace {

struct Sum {
  __device__ float operator()(float left, float right) const { return left + right; }
};

}  // namespace

template <typename T>
std::unique_ptr<Operation> make_operation(const Add& op, const Builder& builder) {
  return std::make_unique<ElementwiseOperation<T, Sum>>("Add", Sum{}, op.left, op.right, op.output,
                                                        builder);
}
HASTEN_INSTANTIATE(Add)

}  // namespace hasten::engine::cuda
