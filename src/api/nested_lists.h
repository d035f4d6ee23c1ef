// Tensors as nested lists of JSON.
#pragma once

#include <string>

#include "base/json.h"
#include "base/tensor.h"
#include "graph/graph.h"

namespace hasten::api {

// The elements of `lists` as a tensor of the type that `input` declares (float32 when it declares
// none), rounded to it. Throws k_usage, naming the input, the place and `where`, for lists of unequal
// lengths, elements of another type or out of its range, and another rank or dimension than declared.
Tensor tensor_of(const Json& lists, const graph::Value& input, const std::string& where);

// Appends the tensor as nested lists, its elements in the digits of `dtype`.
void append_lists(std::string& out, const Tensor& tensor, DType dtype);

}  // namespace hasten::api
