#include "engine/generic/step_table.h"

namespace hasten::engine::generic {

const StepTable& step_table() {
  static const StepTable table = [] {
    StepTable all;
    add_product_steps(all);
    add_combining_steps(all);
    add_function_steps(all);
    add_normalizing_steps(all);
    add_moving_steps(all);
    add_shape_steps(all);
    add_convolution_steps(all);
    return all;
  }();
  return table;
}

}  // namespace hasten::engine::generic
