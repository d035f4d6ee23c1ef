// Activate: an activation by itself.
#include "engine/cuda/activation.h"
#include "engine/cuda/elementwise.h"

namespace hasten::engine::cuda {
namespace {

struct Activated {
  Activation activation;
  __device__ float operator()(float x, float /*none*/) const { return activated(activation, x); }
};

}  // namespace

template <typename T>
std::unique_ptr<Operation> make_operation(const Activate& op, const Builder& builder) {
  return std::make_unique<ElementwiseOperation<T, Activated>>(
      "Activate", Activated{op.activation}, op.input, k_no_buffer, op.output, builder);
}
HASTEN_INSTANTIATE(Activate)

}  // namespace hasten::engine::cuda
