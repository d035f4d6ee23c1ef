// Architectures: from named weights and a config to the graph that computes the logits.
#pragma once

#include <span>
#include <string_view>

#include "checkpoint/checkpoint.h"
#include "graph/graph.h"

namespace hasten::architectures {

// What the rest of the conversion needs to know beside the graph.
struct BuiltModel {
  graph::Graph graph;  // inputs input_ids, attention_mask[, token_type_ids]: int64
                       // [batch_size, sequence_length]; output logits [batch_size, classes]
  std::int64_t class_count = 0;     // rows of the classifier head
  std::int64_t position_limit = 0;  // most tokens a text may have, special ones included
};

struct Architecture {
  std::string_view name;        // config.json's `architectures` entry
  std::string_view model_type;  // config.json's `model_type`
  BuiltModel (*build)(const checkpoint::Checkpoint& checkpoint);
};

// All of them, one file each.
std::span<const Architecture> all_architectures();

// The architecture that config.json names; throws k_unsupported, listing those that there are.
const Architecture& find_architecture(const checkpoint::Checkpoint& checkpoint);

// Finds the architecture and builds. Writes standard ONNX operators only (opset 17), weights shared
// with the checkpoint. Throws k_malformed when a tensor is missing (a classifier head above all),
// has another shape than the config says, or is neither used nor a known leftover; k_unsupported
// for config keys that would change the scores and are not known here.
BuiltModel build(const checkpoint::Checkpoint& checkpoint);

}  // namespace hasten::architectures
