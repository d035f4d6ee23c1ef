// XLM (Lample and Conneau 2019) and FlauBERT (Le et al. 2019): BERT's layers under names of their
// own, token types looked up among the words, normalised after each block or, in some FlauBERTs,
// before.
#include <fmt/format.h>

#include "architectures/activation.h"
#include "architectures/encoder_settings.h"
#include "architectures/families.h"
#include "architectures/positions.h"

namespace hasten::architectures {
namespace {

// Languages have embeddings that only translation asks for.
constexpr std::string_view k_leftovers[] = {"pred_layer.", "transformer.lang_embeddings."};
constexpr const char* k_head = "sequence_summary.summary";

struct Sizes {
  std::int64_t width, layers, positions, vocabulary;
  HeadSizes heads;
  double epsilon;
  bool normalizes_before;
  std::string activation;
};

void check_summary(Settings& settings) {
  if (settings.text("summary_type", "first") != "first") settings.refuse("summary_type", "first");
  if (!settings.flag("summary_use_proj", true)) settings.refuse("summary_use_proj", "true");
  if (!settings.flag("summary_proj_to_labels", true)) {
    settings.refuse("summary_proj_to_labels", "true");
  }
  settings.expect_off("summary_activation", "an activation over the logits is not built here");
}

Sizes read_sizes(Settings& settings) {
  expect_plain_encoder(settings);
  if (!settings.flag("is_encoder", true)) settings.refuse("is_encoder", "true");
  settings.expect_off("causal", "attention to the left only is not built here");
  check_summary(settings);
  Sizes sizes{};
  sizes.width = settings.size("emb_dim", settings.size("hidden_size", 2048));
  sizes.layers = settings.size("n_layers", settings.size("num_hidden_layers", 12));
  sizes.heads = divide_heads(settings, sizes.width,
                             settings.size("n_heads", settings.size("num_attention_heads", 16)));
  sizes.positions = settings.size("max_position_embeddings", 512);
  sizes.vocabulary = settings.size("vocab_size", settings.size("n_words", 30145));
  sizes.epsilon = settings.number("layer_norm_eps", 1e-12);
  sizes.normalizes_before = settings.flag("pre_norm", false);
  sizes.activation = settings.flag("gelu_activation", true) ? "gelu" : "relu";
  // How tables were made, whose values are saved; languages, which classifiers are not told; training.
  for (const char* key : {"sinusoidal_embeddings", "use_lang_emb", "embed_init_std", "mask_index",
                          "layerdrop", "word_mask", "word_mask_keep_rand"}) {
    settings.value(key);
  }
  return sizes;
}

class Xlm {
 public:
  Xlm(EncoderBuilder& builder, const Sizes& sizes) : builder_(builder), sizes_(sizes) {}

  ValueId embeddings(ValueId input_ids) {
    const ValueId words = look_up("embeddings", input_ids, sizes_.vocabulary);
    const ValueId positions =
        look_up("position_embeddings", counted_positions(builder_, input_ids, sizes_.positions),
                sizes_.positions);
    const ValueId types =
        look_up("embeddings", builder_.token_input("token_type_ids"), sizes_.vocabulary);
    const ValueId placed = builder_.add(words, positions, "transformer.words_and_positions");
    return normalize(builder_.add(placed, types, "transformer.sum"), "transformer.layer_norm_emb");
  }

  ValueId layer(ValueId hidden, ValueId mask, std::int64_t index) {
    const auto module = [&](const char* part) {
      return fmt::format("transformer.{}.{}", part, index);
    };
    const std::string first = module("layer_norm1"), second = module("layer_norm2");
    const bool before = sizes_.normalizes_before;
    const ValueId attended =
        attention(before ? normalize(hidden, first) : hidden, mask, module("attentions"));
    hidden = builder_.add(hidden, attended, module("attentions") + ".residual");
    if (!before) hidden = normalize(hidden, first);
    const ValueId fed = feed_forward(before ? normalize(hidden, second) : hidden, module("ffns"));
    hidden = builder_.add(hidden, fed, module("ffns") + ".residual");
    return before ? hidden : normalize(hidden, second);
  }

 private:
  ValueId look_up(const std::string& part, ValueId indices, std::int64_t rows) {
    return builder_.lookup("transformer." + part, indices, rows, sizes_.width);
  }

  ValueId normalize(ValueId input, const std::string& module) {
    return builder_.layer_normalization(input, module, sizes_.width, sizes_.epsilon);
  }

  ValueId attention(ValueId input, ValueId mask, const std::string& module) {
    const auto project = [&](ValueId from, const char* part) {
      return builder_.linear(from, module + part, sizes_.width, sizes_.width);
    };
    const QueryKeyValue inputs{project(input, ".q_lin"), project(input, ".k_lin"),
                               project(input, ".v_lin")};
    return project(builder_.attend(inputs, mask, sizes_.heads, module), ".out_lin");
  }

  ValueId feed_forward(ValueId input, const std::string& module) {
    const std::int64_t wide_size = 4 * sizes_.width;
    const ValueId wide = builder_.linear(input, module + ".lin1", sizes_.width, wide_size);
    const ValueId active =
        add_named_activation(builder_, wide, sizes_.activation, module + ".activation");
    return builder_.linear(active, module + ".lin2", wide_size, sizes_.width);
  }

  EncoderBuilder& builder_;
  const Sizes& sizes_;
};

}  // namespace

BuiltModel build_xlm(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "transformer.");
  const Sizes sizes = read_sizes(builder.settings());
  const std::int64_t classes = builder.class_count(std::string(k_head) + ".weight", sizes.width);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId mask = builder.additive_mask(builder.token_input("attention_mask"));
  Xlm model(builder, sizes);
  ValueId hidden = model.embeddings(input_ids);
  for (std::int64_t index = 0; index < sizes.layers; ++index) {
    hidden = model.layer(hidden, mask, index);
  }
  const ValueId first = builder.first_token(hidden, "first_token");
  const ValueId logits = builder.linear(first, k_head, sizes.width, classes);
  return {builder.finish(logits, classes, k_leftovers), classes, sizes.positions};
}

}  // namespace hasten::architectures
