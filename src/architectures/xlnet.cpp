// XLNet (Yang et al. 2019): content, position and segment attend to each other, positions being
// distances only, and the last token is what is classified.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "architectures/activation.h"
#include "architectures/disentangled_attention.h"
#include "architectures/encoder_settings.h"
#include "architectures/families.h"
#include "architectures/masked_tokens.h"
#include "architectures/positions.h"
#include "architectures/transpose.h"
#include "base/onnx_dtype.h"

namespace hasten::architectures {
namespace {

constexpr std::string_view k_leftovers[] = {"lm_loss.", "transformer.mask_emb"};
// The formula has no limit; the table of sinusoids needs one.
constexpr std::int64_t k_positions = 1024;

struct Sizes {
  std::int64_t width, inner, layers, vocabulary, clamp;
  HeadSizes heads;
  double epsilon;
  std::string summary, summary_activation;
  bool projects_summary;
};

void read_summary(Settings& settings, Sizes& sizes) {
  sizes.summary = settings.text("summary_type", "last");
  if (sizes.summary != "last" && sizes.summary != "first") {
    settings.refuse("summary_type", "last, first");
  }
  sizes.projects_summary = settings.flag("summary_use_proj", true);
  settings.expect_off("summary_proj_to_labels", "a summary of the classes is not built here");
  const Json& activation = settings.value("summary_activation");
  if (activation.is_null()) {
    sizes.summary_activation = settings.contains("summary_activation") ? "linear" : "tanh";
  } else {
    sizes.summary_activation = read_activation(settings, "summary_activation", "tanh");
  }
}

Sizes read_sizes(Settings& settings) {
  expect_plain_encoder(settings);
  Sizes sizes{};
  sizes.width = settings.size("d_model", settings.size("hidden_size", 1024));
  sizes.inner = settings.size("d_inner", 4096);
  sizes.layers = settings.size("n_layer", settings.size("num_hidden_layers", 24));
  sizes.heads = divide_heads(settings, sizes.width,
                             settings.size("n_head", settings.size("num_attention_heads", 16)));
  sizes.vocabulary = settings.size("vocab_size", 32000);
  sizes.clamp = settings.integer("clamp_len", -1);
  sizes.epsilon = settings.number("layer_norm_eps", 1e-12);
  if (settings.size("d_head", sizes.heads.head_size) != sizes.heads.head_size) {
    settings.refuse("d_head", "d_model / n_head");
  }
  if (sizes.width % 2 != 0) settings.refuse("d_model", "even numbers");
  if (settings.text("attn_type", "bi") != "bi") settings.refuse("attn_type", "bi");
  settings.expect_off("bi_data", "batches of two directions are for pre-training");
  read_summary(settings, sizes);
  return sizes;
}

// Row for each distance l - r from 1 - k_positions on: sines, then cosines, in float32 as
// transformers computes them.
Tensor sinusoids(const Sizes& sizes) {
  std::vector<float> rows;
  rows.reserve(static_cast<std::size_t>((2 * k_positions - 1) * sizes.width));
  std::vector<float> frequencies;
  for (std::int64_t i = 0; i < sizes.width; i += 2) {
    const float share = static_cast<float>(i) / static_cast<float>(sizes.width);
    frequencies.push_back(1 / std::pow(10000.0F, share));
  }
  for (std::int64_t distance = 1 - k_positions; distance < k_positions; ++distance) {
    const std::int64_t clamped =
        sizes.clamp > 0 ? std::clamp(distance, -sizes.clamp, sizes.clamp) : distance;
    const auto place = static_cast<float>(clamped);
    for (const float frequency : frequencies) rows.push_back(std::sin(place * frequency));
    for (const float frequency : frequencies) rows.push_back(std::cos(place * frequency));
  }
  return make_tensor<float>({2 * k_positions - 1, sizes.width}, std::move(rows));
}

// What all layers share.
struct Context {
  ValueId mask;       // additive
  ValueId sinusoids;  // of the distances from 1 - length to length - 1: [1, 2 * length - 1, width]
  ValueId rows;       // the row of `sinusoids` for query l and key r: int64 [length, length]
  ValueId differs;    // 1 where l and r are of different types, else 0: [batch, 1, length, length]
};

Context make_context(EncoderBuilder& builder, const Sizes& sizes, ValueId input_ids,
                     ValueId attention_mask) {
  const std::string name = "transformer.positions";
  Context context;
  context.mask = builder.additive_mask(attention_mask);
  const ValueId table = builder.graph().add_constant(name + ".table", sinusoids(sizes));
  const ValueId length = builder.sequence_length(input_ids);
  const ValueId limit = builder.integers({k_positions});
  const ValueId begin = builder.op("Sub", {limit, length}, name + ".begin");
  const ValueId beyond = builder.op("Add", {limit, length}, name + ".beyond");
  const ValueId end = builder.op("Sub", {beyond, builder.integers({1})}, name + ".end");
  const ValueId rows =
      builder.op("Slice", {table, begin, end, builder.integers({0})}, name + ".sliced");
  context.sinusoids = builder.op("Unsqueeze", {rows, builder.integers({0})}, name);
  const ValueId distances =
      signed_distances(builder, counted_positions(builder, input_ids, k_positions));
  const ValueId last = builder.op("Sub", {length, builder.integers({1})}, name + ".last");
  context.rows = builder.op("Add", {distances, last}, name + ".rows");

  const ValueId types = builder.token_input("token_type_ids");
  const ValueId queries =
      builder.op("Unsqueeze", {types, builder.integers({1, 3})}, "types.queries");
  const ValueId keys = builder.op("Unsqueeze", {types, builder.integers({1, 2})}, "types.keys");
  const ValueId same = builder.op("Equal", {queries, keys}, "types.same");
  context.differs = builder.op("Cast", {builder.op("Not", {same}, "types.different")},
                               "types.differ", {{"to", onnx_code_of(DType::k_float32)}});
  return context;
}

class Attention {
 public:
  Attention(EncoderBuilder& builder, const Sizes& sizes, std::string module)
      : builder_(builder), sizes_(sizes), module_(std::move(module)) {}

  ValueId compute(ValueId hidden, const Context& context) {
    const ValueId query = project(hidden, "q");
    const ValueId key = project(hidden, "k");
    const ValueId value = project(hidden, "v");
    const ValueId content = multiply_turned(biased(query, "r_w_bias"), key, "content");
    const ValueId positions =
        multiply_turned(biased(query, "r_r_bias"), project(context.sinusoids, "r"), "position");
    const ValueId by_position =
        gather_by_position(builder_, positions, context.rows, query, name("position"));
    ValueId scores = builder_.add(content, by_position, name("placed_scores"));
    scores = builder_.add(scores, segment_scores(biased(query, "r_s_bias"), context), name("sum"));
    const double scale = std::sqrt(static_cast<double>(sizes_.heads.head_size));
    scores = builder_.op("Div", {scores, builder_.number(scale)}, name("scores"));
    return builder_.weighted_values(scores, context.mask, value, sizes_.heads, module_);
  }

 private:
  std::string name(const std::string& part) const { return module_ + "." + part; }

  // The projections lie as [width, heads, head_size]: turned as MatMul wants them.
  ValueId project(ValueId input, const std::string& part) {
    Tensor weight = builder_.weights().take(
        name(part), {sizes_.width, sizes_.heads.heads, sizes_.heads.head_size});
    weight.dims = {sizes_.width, sizes_.heads.width()};
    const ValueId matrix = builder_.made(name(part), weight);
    const ValueId product = builder_.op("MatMul", {input, matrix}, name(part + "_product"));
    return builder_.split_heads(product, sizes_.heads, name(part + "_heads"));
  }

  ValueId biased(ValueId query, const std::string& bias) {
    const ValueId stored =
        builder_.tensor(name(bias), {sizes_.heads.heads, sizes_.heads.head_size});
    const ValueId by_head =
        builder_.op("Unsqueeze", {stored, builder_.integers({1})}, name(bias + "_heads"));
    return builder_.add(query, by_head, name(bias + "_query"));
  }

  ValueId multiply_turned(ValueId a, ValueId b, const std::string& part) {
    const ValueId turned = builder_.op("Transpose", {b}, name(part + "_turned"),
                                       {{"perm", std::vector<std::int64_t>{0, 1, 3, 2}}});
    return builder_.op("MatMul", {a, turned}, name(part + "_product"));
  }

  // The query's score for a key of its own type or of another.
  ValueId segment_scores(ValueId query, const Context& context) {
    const ValueId stored =
        builder_.tensor(name("seg_embed"), {2, sizes_.heads.heads, sizes_.heads.head_size});
    const ValueId turned = builder_.op("Transpose", {stored}, name("seg_embed_turned"),
                                       {{"perm", std::vector<std::int64_t>{1, 2, 0}}});
    const auto both =
        builder_.split(builder_.op("MatMul", {query, turned}, name("segment_products")), 2,
                       name("segment_scores"));
    const ValueId gap = builder_.op("Sub", {both[1], both[0]}, name("segment_gap"));
    const ValueId chosen = builder_.op("Mul", {context.differs, gap}, name("segment_choice"));
    return builder_.add(both[0], chosen, name("segment_score"));
  }

  EncoderBuilder& builder_;
  const Sizes& sizes_;
  std::string module_;
};

ValueId layer(EncoderBuilder& builder, const Sizes& sizes, ValueId hidden, const Context& context,
              const std::string& module) {
  const std::string attention = module + ".rel_attn";
  const ValueId attended = Attention(builder, sizes, attention).compute(hidden, context);
  Tensor output = builder.weights().take(attention + ".o",
                                         {sizes.width, sizes.heads.heads, sizes.heads.head_size});
  output.dims = {sizes.width, sizes.heads.width()};
  const ValueId matrix = builder.made(attention + ".o", transpose(output));
  const ValueId projected = builder.op("MatMul", {attended, matrix}, attention + ".projected");
  const ValueId normalized =
      builder.layer_normalization(builder.add(projected, hidden, attention + ".residual"),
                                  attention + ".layer_norm", sizes.width, sizes.epsilon);
  const std::string forward = module + ".ff";
  const ValueId wide = builder.linear(normalized, forward + ".layer_1", sizes.width, sizes.inner);
  const ValueId active =
      add_activation(builder, wide, "ff_activation", "gelu", forward + ".activation");
  const ValueId narrow = builder.linear(active, forward + ".layer_2", sizes.inner, sizes.width);
  return builder.layer_normalization(builder.add(narrow, normalized, forward + ".residual"),
                                     forward + ".layer_norm", sizes.width, sizes.epsilon);
}

}  // namespace

BuiltModel build_xlnet(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "transformer.");
  const Sizes sizes = read_sizes(builder.settings());
  const std::int64_t classes = builder.class_count("logits_proj.weight", sizes.width);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId attention_mask = builder.token_input("attention_mask");
  const Context context = make_context(builder, sizes, input_ids, attention_mask);
  ValueId hidden =
      builder.lookup("transformer.word_embedding", input_ids, sizes.vocabulary, sizes.width);
  for (std::int64_t index = 0; index < sizes.layers; ++index) {
    hidden = layer(builder, sizes, hidden, context, fmt::format("transformer.layer.{}", index));
  }
  ValueId summary = sizes.summary == "last"
                        ? last_token(builder, hidden, attention_mask, "last_token")
                        : builder.first_token(hidden, "first_token");
  if (sizes.projects_summary) {
    summary = builder.linear(summary, "sequence_summary.summary", sizes.width, sizes.width);
  }
  summary = add_named_activation(builder, summary, sizes.summary_activation, "sequence_summary");
  const ValueId logits = builder.linear(summary, "logits_proj", sizes.width, classes);
  return {builder.finish(logits, classes, k_leftovers), classes, k_positions};
}

}  // namespace hasten::architectures
