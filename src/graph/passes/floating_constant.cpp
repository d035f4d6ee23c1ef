#include "graph/passes/floating_constant.h"

#include "graph/element_writer.h"

namespace hasten::graph {

Tensor make_floating(DType dtype, Dims dims, std::span<const double> values) {
  ElementWriter writer(dtype);
  for (const double value : values) writer.add(value);
  return writer.finish("a constant", std::move(dims));
}

}  // namespace hasten::graph
