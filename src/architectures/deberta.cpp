// DeBERTa, the first one (He et al. 2020): DeBERTa-v2's attention with one projection for query,
// key and value, and every distance a row of its own.
#include <fmt/format.h>

#include <cstring>

#include "architectures/deberta_parts.h"
#include "architectures/families.h"
#include "architectures/transpose.h"

namespace hasten::architectures {
namespace {

constexpr std::string_view k_leftovers[] = {"lm_predictions.", "cls.",
                                            "deberta.embeddings.position_embeddings."};

struct RelativePositions {
  ValueId embeddings = graph::k_no_value;  // [2 * span, width], k_no_value: content alone
  ValueId rows = graph::k_no_value;        // row for query l and key r: int64 [length, length]
};

// Rows of the projection `in_proj` come head by head: a head's query rows, its key rows, its value
// rows. This takes one kind (0: query, 1: key, 2: value) out of all heads: [width, width].
Tensor take_rows(const Tensor& projection, const HeadSizes& heads, std::int64_t kind) {
  const std::int64_t width = projection.dims[1];
  const auto chunk = static_cast<std::size_t>(heads.head_size * width) * size_of(projection.dtype);
  const auto bytes = std::make_shared<std::vector<std::byte>>();
  for (std::int64_t head = 0; head < heads.heads; ++head) {
    const auto rows =
        projection.bytes.subspan(static_cast<std::size_t>(3 * head + kind) * chunk, chunk);
    bytes->insert(bytes->end(), rows.begin(), rows.end());
  }
  return {projection.dtype, {heads.width(), width}, *bytes, bytes};
}

// A product with one kind's rows, and its bias.
ValueId project(EncoderBuilder& builder, const DebertaSizes& sizes, ValueId hidden,
                const std::string& module, std::int64_t kind) {
  constexpr const char* k_kinds[] = {"query", "key", "value"};
  constexpr const char* k_biases[] = {".q_bias", nullptr, ".v_bias"};
  const std::string name = fmt::format("{}.{}", module, k_kinds[kind]);
  const Tensor& all =
      builder.weights().take(module + ".in_proj.weight", {3 * sizes.width, sizes.width});
  const ValueId weight =
      builder.made(name + ".weight", transpose(take_rows(all, sizes.heads, kind)));
  ValueId product = builder.op("MatMul", {hidden, weight}, name + ".projected");
  if (k_biases[kind] != nullptr) {
    const ValueId bias = builder.vector(module + k_biases[kind], sizes.width);
    product = builder.add(product, bias, name + ".biased");
  }
  return builder.split_heads(product, sizes.heads, name);
}

DebertaAttention attention(EncoderBuilder& builder, const DebertaSizes& sizes, ValueId hidden,
                           const RelativePositions& positions, const std::string& module) {
  DisentangledParts parts;
  parts.query = project(builder, sizes, hidden, module, 0);
  parts.key = project(builder, sizes, hidden, module, 1);
  const ValueId values = project(builder, sizes, hidden, module, 2);
  parts.rows = positions.rows;
  const auto split_positions = [&](const std::string& projection, bool with_bias) {
    const std::string name = module + "." + projection;
    const ValueId rows =
        builder.linear(positions.embeddings, name, sizes.width, sizes.width, with_bias);
    return split_position_rows(builder, rows, sizes.heads, name);
  };
  if (positions.embeddings != graph::k_no_value) {
    if (sizes.attention.content_to_position)
      parts.key_positions = split_positions("pos_proj", false);
    if (sizes.attention.position_to_content)
      parts.query_positions = split_positions("pos_q_proj", true);
  }
  return {disentangled_scores(builder, sizes.heads, sizes.attention, parts, module), values};
}

}  // namespace

BuiltModel build_deberta(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "deberta.");
  Settings& settings = builder.settings();
  const DebertaSizes sizes = read_deberta_sizes(settings, {768, 3072, 12, 12, 50265});
  settings.expect_off("talking_head", "heads that mix their scores are not built here");
  const std::int64_t classes = builder.class_count("classifier.weight", sizes.width);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId mask = builder.additive_mask(builder.token_input("attention_mask"));
  ValueId hidden = deberta_embeddings(builder, sizes, input_ids);
  RelativePositions positions;
  if (sizes.relative) {
    positions.embeddings = builder.tensor("deberta.encoder.rel_embeddings.weight",
                                          {2 * sizes.attention.span, sizes.width});
    positions.rows = deberta_rows(builder, sizes, input_ids);
  }
  for (std::int64_t index = 0; index < sizes.layers; ++index) {
    const std::string module = fmt::format("deberta.encoder.layer.{}", index);
    const DebertaAttention attended =
        attention(builder, sizes, hidden, positions, module + ".attention.self");
    hidden = deberta_layer(builder, sizes, hidden, mask, attended, module);
  }
  const ValueId logits = deberta_logits(builder, sizes, hidden, classes);
  return {builder.finish(logits, classes, k_leftovers), classes, sizes.positions};
}

}  // namespace hasten::architectures
