// Shape rules of the operators that models are made of: normalisation, embeddings, attention.
#include "graph/shape_call.h"

namespace hasten::graph {
namespace {

// The shape with everything from `axis` on reduced to 1.
std::optional<Shape> row_shape(std::optional<Shape> shape, std::size_t axis) {
  for (std::size_t k = axis; shape && k < shape->size(); ++k) (*shape)[k] = {1, {}};
  return shape;
}

void layer_normalization(ShapeCall& call) {
  call.set(0, call.dtype(0), call.shape(0));
  if (!call.shape(0)) return;
  const std::size_t axis = call.axis(call.node.integer("axis", -1), call.input(0).rank());
  call.set(1, DType::k_float32, row_shape(call.shape(0), axis));
  call.set(2, DType::k_float32, row_shape(call.shape(0), axis));
}

void skip_layer_normalization(ShapeCall& call) {
  call.set(0, call.dtype(0), call.shape(0));
  call.set(3, call.dtype(0), call.shape(0));
  if (!call.shape(0) || call.input(0).rank() == 0) return;
  call.set(1, DType::k_float32, row_shape(call.shape(0), call.input(0).rank() - 1));
  call.set(2, DType::k_float32, row_shape(call.shape(0), call.input(0).rank() - 1));
}

void embed_layer_normalization(ShapeCall& call) {
  std::optional<Shape> shape = call.shape(0);
  if (shape && shape->size() != 2) call.malformed("the ids are not of shape [batch, sequence]");
  const bool quantized = call.node.op_type.front() == 'Q';
  const auto dtype = quantized ? std::optional(DType::k_float32) : call.dtype(2);
  if (shape) {
    call.set(1, DType::k_int32, Shape{(*shape)[0]});
    shape->push_back(call.shape(2) && call.input(2).rank() == 2 ? (*call.shape(2))[1] : Dim{});
  }
  call.set(0, dtype, shape);
  call.set(2, dtype, shape);
}

// com.microsoft's Attention and QAttention: the width of the values.
void packed_attention(ShapeCall& call) {
  std::optional<Shape> shape = call.shape(0);
  if (shape && shape->size() != 3)
    call.malformed("the input is not of shape [batch, sequence, hidden]");
  if (shape) {
    const auto parts = call.node.integers("qkv_hidden_sizes", {});
    const bool known = call.shape(1) && call.input(1).rank() == 2 && (*call.shape(1))[1].known();
    Dim& width = shape->back();
    width = parts.size() == 3 ? Dim{parts[2], {}}
            : known           ? Dim{(*call.shape(1))[1].size / 3, {}}
                              : Dim{};
  }
  call.set(0, call.node.op_type.front() == 'Q' ? std::optional(DType::k_float32) : call.dtype(0),
           shape);
}

void multi_head_attention(ShapeCall& call) {
  std::optional<Shape> shape = call.shape(0);
  if (shape && shape->size() == 5) {
    const Dim& heads = (*shape)[2];
    const Dim& size = (*shape)[4];
    const bool known =
        heads.known() && size.known() && heads.size < (1 << 20) && size.size < (1 << 20);
    shape = Shape{(*shape)[0], (*shape)[1], known ? Dim{heads.size * size.size, {}} : Dim{}};
  } else if (shape && call.shape(2) && call.input(2).rank() == 3) {
    shape->back() = call.shape(2)->back();
  }
  call.set(0, call.dtype(0), shape);
}

// The main domain's Attention: as wide as the values, as long as the queries.
void onnx_attention(ShapeCall& call) {
  std::optional<Shape> shape = call.shape(0);
  if (shape && shape->size() == 4) {
    shape->back() = call.shape(2) && call.input(2).rank() == 4 ? call.shape(2)->back() : Dim{};
  } else if (shape && shape->size() == 3) {
    const bool same = call.shape(1) && call.shape(2) && *call.shape(1) == *call.shape(2);
    const bool grouped =
        call.node.integer("q_num_heads", 0) != call.node.integer("kv_num_heads", 0);
    if (!same) shape->back() = grouped || !call.shape(2) ? Dim{} : call.shape(2)->back();
  }
  call.set(0, call.dtype(0), shape);
}

void convolution(ShapeCall& call) {
  if (!call.shape(0) || call.input(0).rank() < 3) return call.set(0, call.dtype(0), std::nullopt);
  Shape shape(call.input(0).rank());
  shape[0] = (*call.shape(0))[0];
  if (call.shape(1) && call.input(1).rank() == shape.size()) shape[1] = (*call.shape(1))[0];
  call.set(0, call.dtype(0), shape);
}

}  // namespace

void add_model_rules(ShapeRules& rules) {
  const std::string microsoft(k_microsoft_domain);
  rules[{"LayerNormalization", ""}] = layer_normalization;
  rules[{"Attention", ""}] = onnx_attention;
  rules[{"Conv", ""}] = convolution;
  rules[{"SkipLayerNormalization", microsoft}] = skip_layer_normalization;
  rules[{"SkipSimplifiedLayerNormalization", microsoft}] = skip_layer_normalization;
  rules[{"EmbedLayerNormalization", microsoft}] = embed_layer_normalization;
  rules[{"QEmbedLayerNormalization", microsoft}] = embed_layer_normalization;
  rules[{"Attention", microsoft}] = packed_attention;
  rules[{"QAttention", microsoft}] = packed_attention;
  rules[{"MultiHeadAttention", microsoft}] = multi_head_attention;
}

}  // namespace hasten::graph
