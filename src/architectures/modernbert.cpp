// ModernBERT (Warner et al. 2024): pre-normalised layers, rotary positions, attention that is local
// in most layers, gated feed-forward.
#include <fmt/format.h>

#include <limits>

#include "architectures/activation.h"
#include "architectures/encoder_settings.h"
#include "architectures/families.h"
#include "architectures/positions.h"
#include "architectures/rotary.h"
#include "base/onnx_dtype.h"

namespace hasten::architectures {
namespace {

constexpr std::string_view k_leftovers[] = {"decoder."};

struct Sizes {
  std::int64_t width, intermediate, layers, positions, vocabulary;
  HeadSizes heads;
  double epsilon;
  bool normalization_bias, attention_bias, feed_forward_bias, head_bias;
  double global_theta, local_theta;
  std::int64_t global_every;  // one layer of so many attends to all tokens, the first one too
  std::int64_t window;        // the others to half of this on either side
  bool pools_mean;
};

// transformers 5 writes rope_parameters: {"full_attention": {"rope_theta": ...}, ...}.
double read_theta(Settings& settings, std::string_view kind, std::string_view key,
                  double fallback) {
  const Json& parameters = settings.value("rope_parameters")[kind];
  const double theta = settings.number(key, fallback);
  if (parameters.is_null()) return theta;
  if (parameters.get_string("rope_type", "default") != "default") {
    settings.refuse("rope_parameters", "rope_type default");
  }
  return parameters.get_number("rope_theta", theta);
}

// transformers 5 writes the layers' kinds out; here they follow from one number.
void check_layer_types(Settings& settings, const Sizes& sizes) {
  const Json& types = settings.value("layer_types");
  if (types.is_null()) return;
  const Json::Array& list = types.as_array("layer_types");
  for (std::size_t index = 0; index < list.size(); ++index) {
    const bool global = static_cast<std::int64_t>(index) % sizes.global_every == 0;
    if (list[index].as_string("layer_types") == (global ? "full_attention" : "sliding_attention")) {
      continue;
    }
    settings.refuse("layer_types", "full_attention every global_attn_every_n_layers");
  }
}

Sizes read_sizes(Settings& settings) {
  expect_plain_encoder(settings);
  settings.expect_off("rope_scaling", "scaled rotary positions are not built here");
  Sizes sizes{};
  sizes.width = settings.size("hidden_size", 768);
  sizes.intermediate = settings.size("intermediate_size", 1152);
  sizes.layers = settings.size("num_hidden_layers", 22);
  sizes.heads = divide_heads(settings, sizes.width, settings.size("num_attention_heads", 12));
  if (sizes.heads.head_size % 2 != 0) {
    settings.refuse("num_attention_heads", "numbers that leave heads of even size");
  }
  sizes.positions = settings.size("max_position_embeddings", 8192);
  sizes.vocabulary = settings.size("vocab_size", 50368);
  sizes.epsilon = settings.number("norm_eps", 1e-5);
  sizes.normalization_bias = settings.flag("norm_bias", false);
  sizes.attention_bias = settings.flag("attention_bias", false);
  sizes.feed_forward_bias = settings.flag("mlp_bias", false);
  sizes.head_bias = settings.flag("classifier_bias", false);
  sizes.global_theta = read_theta(settings, "full_attention", "global_rope_theta", 160000);
  sizes.local_theta =
      read_theta(settings, "sliding_attention", "local_rope_theta",
                 settings.contains("local_rope_theta") ? sizes.global_theta : 10000);
  sizes.global_every = settings.size("global_attn_every_n_layers", 3);
  sizes.window = settings.size("local_attention", 128);
  check_layer_types(settings, sizes);
  const std::string pooling = settings.text("classifier_pooling", "cls");
  if (pooling != "cls" && pooling != "mean") settings.refuse("classifier_pooling", "cls, mean");
  sizes.pools_mean = pooling == "mean";
  return sizes;
}

// What a kind of layer reads beside the hidden state.
struct Context {
  ValueId mask;
  RotaryAngles angles;
};

// The mask with everything outside of the window left out too: [batch, 1, length, length].
ValueId window_mask(EncoderBuilder& builder, const Sizes& sizes, ValueId input_ids, ValueId mask) {
  const ValueId distances =
      signed_distances(builder, counted_positions(builder, input_ids, sizes.positions));
  const ValueId sizes_of = builder.op("Abs", {distances}, "window.distances");
  const ValueId within =
      builder.op("LessOrEqual", {sizes_of, builder.integer(sizes.window / 2)}, "window.within");
  const double lowest = static_cast<double>(std::numeric_limits<float>::lowest());
  return builder.op("Where", {within, mask, builder.number(lowest)}, "window.mask");
}

class Layers {
 public:
  Layers(EncoderBuilder& builder, const Sizes& sizes) : builder_(builder), sizes_(sizes) {}

  ValueId build(ValueId hidden, std::int64_t index, const Context& context) {
    const std::string module = fmt::format("model.layers.{}", index);
    const ValueId input = index == 0 ? hidden : normalize(hidden, module + ".attn_norm");
    const ValueId attended = attention(input, context, module + ".attn");
    const ValueId middle = builder_.add(hidden, attended, module + ".attended");
    const ValueId fed = feed_forward(normalize(middle, module + ".mlp_norm"), module + ".mlp");
    return builder_.add(middle, fed, module);
  }

  ValueId normalize(ValueId hidden, const std::string& module) {
    return builder_.layer_normalization(hidden, module, sizes_.width, sizes_.epsilon,
                                        sizes_.normalization_bias);
  }

 private:
  ValueId attention(ValueId input, const Context& context, const std::string& module) {
    const std::int64_t width = sizes_.width;
    const ValueId packed =
        builder_.linear(input, module + ".Wqkv", width, 3 * width, sizes_.attention_bias);
    const std::vector<ValueId> parts = builder_.split(packed, 3, module + ".qkv");
    const ValueId query = rotated(parts[0], context, module + ".query");
    const ValueId key = rotated(parts[1], context, module + ".key");
    const ValueId value = builder_.split_heads(parts[2], sizes_.heads, module + ".value");
    const ValueId scores = builder_.scaled_scores(query, key, sizes_.heads, module);
    const ValueId mixed =
        builder_.weighted_values(scores, context.mask, value, sizes_.heads, module);
    return builder_.linear(mixed, module + ".Wo", width, width, sizes_.attention_bias);
  }

  ValueId rotated(ValueId part, const Context& context, const std::string& name) {
    return rotate_heads(builder_, builder_.split_heads(part, sizes_.heads, name), context.angles,
                        name);
  }

  ValueId feed_forward(ValueId input, const std::string& module) {
    const ValueId wide = builder_.linear(input, module + ".Wi", sizes_.width,
                                         2 * sizes_.intermediate, sizes_.feed_forward_bias);
    const std::vector<ValueId> parts = builder_.split(wide, 2, module + ".halves");
    const ValueId active =
        add_activation(builder_, parts[0], "hidden_activation", "gelu", module + ".activation");
    const ValueId gated = builder_.op("Mul", {active, parts[1]}, module + ".gated");
    return builder_.linear(gated, module + ".Wo", sizes_.intermediate, sizes_.width,
                           sizes_.feed_forward_bias);
  }

  EncoderBuilder& builder_;
  const Sizes& sizes_;
};

// The mean of the hidden states of tokens that are no padding.
ValueId mean_of_tokens(EncoderBuilder& builder, ValueId hidden, ValueId attention_mask) {
  const ValueId wide =
      builder.op("Unsqueeze", {attention_mask, builder.integers({2})}, "pooling.mask");
  const ValueId kept =
      builder.op("Cast", {wide}, "pooling.kept", {{"to", onnx_code_of(DType::k_float32)}});
  const auto sum = [&](ValueId value, const std::string& name) {
    return builder.op("ReduceSum", {value, builder.integers({1})}, name,
                      {{"keepdims", std::int64_t{0}}});
  };
  const ValueId total = sum(builder.op("Mul", {hidden, kept}, "pooling.tokens"), "pooling.sum");
  return builder.op("Div", {total, sum(kept, "pooling.count")}, "pooling.mean");
}

ValueId classify(EncoderBuilder& builder, const Sizes& sizes, ValueId pooled,
                 std::int64_t classes) {
  const ValueId dense =
      builder.linear(pooled, "head.dense", sizes.width, sizes.width, sizes.head_bias);
  const ValueId active =
      add_activation(builder, dense, "classifier_activation", "gelu", "head.activation");
  const ValueId normalized = builder.layer_normalization(active, "head.norm", sizes.width,
                                                         sizes.epsilon, sizes.normalization_bias);
  return builder.linear(normalized, "classifier", sizes.width, classes);
}

}  // namespace

BuiltModel build_modernbert(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "model.");
  const Sizes sizes = read_sizes(builder.settings());
  const std::int64_t classes = builder.class_count("classifier.weight", sizes.width);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId attention_mask = builder.token_input("attention_mask");

  const std::int64_t head_size = sizes.heads.head_size;
  const ValueId mask = builder.additive_mask(attention_mask);
  const Context global{mask, rotary_angles(builder, input_ids, sizes.positions, head_size,
                                           sizes.global_theta, "rotary.global")};
  const Context local{window_mask(builder, sizes, input_ids, mask),
                      rotary_angles(builder, input_ids, sizes.positions, head_size,
                                    sizes.local_theta, "rotary.local")};
  Layers layers(builder, sizes);
  ValueId hidden = layers.normalize(
      builder.lookup("model.embeddings.tok_embeddings", input_ids, sizes.vocabulary, sizes.width),
      "model.embeddings.norm");
  for (std::int64_t index = 0; index < sizes.layers; ++index) {
    hidden = layers.build(hidden, index, index % sizes.global_every == 0 ? global : local);
  }
  hidden = layers.normalize(hidden, "model.final_norm");
  const ValueId pooled = sizes.pools_mean ? mean_of_tokens(builder, hidden, attention_mask)
                                          : builder.first_token(hidden, "first_token");
  const ValueId logits = classify(builder, sizes, pooled, classes);
  return {builder.finish(logits, classes, k_leftovers), classes, sizes.positions};
}

}  // namespace hasten::architectures
