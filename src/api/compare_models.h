// What differs between two models, told from the models themselves.
#pragma once

#include <vector>

#include <hasten/verify.h>

#include "graph/graph.h"

namespace hasten::api {

// Labels, function, length limit, tokenizer and weights. Models without Hasten's metadata tell
// nothing. What `options` sets for both sides alike is left out.
std::vector<Finding> compare_models(const graph::Graph& a, const graph::Graph& b,
                                    const ModelOptions& options);

}  // namespace hasten::api
