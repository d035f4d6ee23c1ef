// Longformer (Beltagy et al. 2020): each token attends to its neighbours and to the first token,
// which attends to all through projections of its own.
#include <fmt/format.h>

#include <limits>

#include "architectures/bert_encoder.h"
#include "architectures/families.h"
#include "architectures/first_token_head.h"
#include "architectures/positions.h"
#include "base/error.h"
#include "base/onnx_dtype.h"

namespace hasten::architectures {
namespace {

constexpr std::string_view k_leftovers[] = {"lm_head.", "longformer.pooler.", "qa_outputs."};

struct Sizes : BertSizes {
  std::int64_t pad_id;
  std::vector<std::int64_t> reach;  // of each layer: how far a token sees to either side
};

std::vector<std::int64_t> read_reach(Settings& settings, std::int64_t layers) {
  const Json& json = settings.value("attention_window");
  std::vector<std::int64_t> windows;
  if (json.is_array()) {
    for (const Json& window : json.as_array("attention_window")) {
      windows.push_back(window.as_integer("attention_window"));
    }
  } else {
    windows.assign(static_cast<std::size_t>(layers),
                   json.is_null() ? 512 : json.as_integer("attention_window"));
  }
  if (std::ssize(windows) != layers) settings.refuse("attention_window", "one for each layer");
  for (std::int64_t& window : windows) {
    if (window < 2 || window % 2 != 0) settings.refuse("attention_window", "even numbers from 2");
    window /= 2;
  }
  return windows;
}

Sizes read_sizes(Settings& settings) {
  Sizes sizes{read_bert_sizes(settings, {.positions = 4098, .vocabulary = 50265}), 0, {}};
  if (!sizes.has_absolute_positions()) settings.refuse("position_embedding_type", "absolute");
  sizes.pad_id = settings.integer("pad_token_id", 1);
  if (sizes.pad_id < 0 || sizes.pad_id + 1 >= sizes.positions) {
    fail(ErrorCode::k_malformed,
         fmt::format("pad_token_id is {}, and there are {} positions", sizes.pad_id,
                     sizes.positions),
         settings.where(), "positions are counted from it",
         "Use the config.json that was saved with the weights.");
  }
  sizes.reach = read_reach(settings, sizes.layers);
  return sizes;
}

class Longformer {
 public:
  Longformer(EncoderBuilder& builder, const Sizes& sizes, ValueId input_ids, ValueId attention_mask)
      : builder_(builder), sizes_(sizes), mask_(builder.additive_mask(attention_mask)) {
    const std::int64_t limit = sizes.positions - sizes.pad_id - 1;
    const ValueId positions = counted_positions(builder, input_ids, limit);
    const ValueId distances = signed_distances(builder, positions);
    distance_ = builder.op("Abs", {distances}, "distances.absolute");
    is_first_ = builder.op("Equal", {positions, builder.integer(0)}, "distances.to_first");
  }

  ValueId attention(ValueId hidden, std::int64_t index, const std::string& module) {
    const ValueId local = builder_.weighted_values(
        builder_.scaled_scores(project(hidden, module, "query"), project(hidden, module, "key"),
                               sizes_.heads, module),
        window_mask(sizes_.reach[static_cast<std::size_t>(index)]),
        project(hidden, module, "value"), sizes_.heads, module + ".local");
    const ValueId axis = builder_.integers({1});
    const ValueId one = builder_.integers({1});
    const ValueId first =
        builder_.op("Slice", {hidden, builder_.integers({0}), one, axis}, module + ".first");
    const ValueId global = builder_.weighted_values(
        builder_.scaled_scores(project(first, module, "query_global"),
                               project(hidden, module, "key_global"), sizes_.heads,
                               module + ".global"),
        mask_, project(hidden, module, "value_global"), sizes_.heads, module + ".global");
    const ValueId end = builder_.integers({std::numeric_limits<std::int64_t>::max()});
    const ValueId others = builder_.op("Slice", {local, one, end, axis}, module + ".others");
    return builder_.op("Concat", {global, others}, module, {{"axis", std::int64_t{1}}});
  }

 private:
  ValueId project(ValueId input, const std::string& module, const std::string& part) {
    const ValueId projected =
        builder_.linear(input, module + "." + part, sizes_.hidden, sizes_.heads.width());
    return builder_.split_heads(projected, sizes_.heads, module + ".split_" + part);
  }

  // Added to the scores: the mask of padding, and float32's lowest for keys out of reach.
  ValueId window_mask(std::int64_t reach) {
    const auto [entry, added] = masks_.try_emplace(reach, graph::k_no_value);
    if (!added) return entry->second;
    const std::string name = fmt::format("attention_mask.within_{}", reach);
    const ValueId near =
        builder_.op("LessOrEqual", {distance_, builder_.integer(reach)}, name + ".near");
    const ValueId seen = builder_.op("Or", {near, is_first_}, name + ".seen");
    const double lowest = static_cast<double>(std::numeric_limits<float>::lowest());
    const ValueId window =
        builder_.op("Where", {seen, builder_.number(0), builder_.number(lowest)}, name + ".window");
    return entry->second = builder_.op("Min", {window, mask_}, name);
  }

  EncoderBuilder& builder_;
  const Sizes& sizes_;
  ValueId mask_, distance_, is_first_;
  std::map<std::int64_t, ValueId> masks_;
};

}  // namespace

BuiltModel build_longformer(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "longformer.");
  const Sizes sizes = read_sizes(builder.settings());
  const std::int64_t classes = builder.class_count("classifier.out_proj.weight", sizes.hidden);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId attention_mask = builder.token_input("attention_mask");
  const ValueId positions = padded_positions(builder, input_ids, sizes.pad_id);
  // Its tokenizers give no token types.
  ValueId hidden = bert_embeddings(builder, sizes, {input_ids, graph::k_no_value, positions},
                                   sizes.hidden, "longformer.");
  Longformer model(builder, sizes, input_ids, attention_mask);
  for (std::int64_t index = 0; index < sizes.layers; ++index) {
    const std::string module = fmt::format("longformer.encoder.layer.{}", index);
    const ValueId context = model.attention(hidden, index, module + ".attention.self");
    hidden = bert_layer_output(builder, sizes, context, hidden, module);
  }
  const ValueId logits = classify_first_token(
      builder, hidden, {"classifier.dense", "tanh", "classifier.out_proj", sizes.hidden, classes});
  return {builder.finish(logits, classes, k_leftovers), classes,
          sizes.positions - sizes.pad_id - 1};
}

}  // namespace hasten::architectures
