#include "graph/required_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string_view>

namespace hasten::graph {
namespace {

// 'x' for each input that is needed, '-' for one between these that may be left out.
using Pattern = std::string_view;
using Patterns = std::map<std::string_view, Pattern>;

struct Row {
  Pattern pattern;
  std::string_view op_types;  // separated by spaces
};

Patterns by_operator(std::initializer_list<Row> rows) {
  Patterns patterns;
  for (const Row& row : rows) {
    for (std::string_view rest = row.op_types; !rest.empty();) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      patterns.emplace(rest.substr(0, end), row.pattern);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return patterns;
}

// Operators of the main domain, but for those with one input. Those of Loop may all be left out.
const Patterns& onnx_patterns() {
  static const Patterns patterns = by_operator({
      {"", "Constant Loop Optional OptionalHasElement RandomNormal RandomUniform SequenceEmpty"},
      {"-x", "Scan"},
      {"xx",
       "Add And BitShift BitwiseAnd BitwiseOr BitwiseXor CastLike Compress Conv ConvInteger "
       "ConvTranspose CumSum DequantizeLinear Div Equal Expand Gather GatherElements GatherND "
       "Gemm Greater GreaterOrEqual LayerNormalization Less LessOrEqual MatMul MatMulInteger Mod "
       "Mul Or PRelu Pow QuantizeLinear RMSNormalization Reshape SimplifiedLayerNormalization "
       "Sub Tile Xor"},
      {"xxx",
       "Attention GRU GroupNormalization InstanceNormalization LSTM OneHot RNN Range "
       "RotaryEmbedding Scatter ScatterElements ScatterND Where"},
      {"xxxxx", "BatchNormalization"},
      {"xxxxxxxx", "QLinearConv QLinearMatMul"},
  });
  return patterns;
}

// Those of com.microsoft that are known at all.
const Patterns& microsoft_patterns() {
  static const Patterns patterns = by_operator({
      {"x", "FastGelu Gelu MultiHeadAttention QuickGelu"},
      {"xx", "Attention BiasGelu DequantizeLinear FusedGemm FusedMatMul QuantizeLinear"},
      {"xx-x", "QLinearLeakyRelu QLinearReduceMean QLinearSigmoid"},
      {"xx-xx", "QLinearSoftmax"},
      {"xx-xx-x", "QLinearAdd QLinearMul"},
      {"xxx-xx-x", "QLinearWhere"},
      {"xxx",
       "DynamicQuantizeMatMul MatMulNBits QLinearConcat SkipLayerNormalization "
       "SkipSimplifiedLayerNormalization"},
      {"xxxx", "MatMulIntegerToFloat RotaryEmbedding"},
      {"xxxxx", "QAttention"},
      {"xxxxxx", "QGemm"},
      {"x-xx-xx", "EmbedLayerNormalization"},
  });
  return patterns;
}

bool is_given(const std::vector<ValueId>& values, std::size_t index) {
  return index < values.size() && values[index] != k_no_value;
}

// Recurrent operators and bodies with many results may leave their first one out.
bool needs_first_output(const Node& node) {
  constexpr std::string_view k_free[] = {"GRU", "If", "LSTM", "Loop", "RNN", "Scan"};
  return std::find(std::begin(k_free), std::end(k_free), node.op_type) == std::end(k_free);
}

}  // namespace

std::string missing_part(const Node& node) {
  const bool is_onnx = node.domain == k_onnx_domain;
  if (!is_onnx && node.domain != k_microsoft_domain) return "";
  const Patterns& patterns = is_onnx ? onnx_patterns() : microsoft_patterns();
  const auto found = patterns.find(node.op_type);
  if (found == patterns.end() && !is_onnx) return "";
  const Pattern pattern = found == patterns.end() ? "x" : found->second;
  for (std::size_t index = 0; index < pattern.size(); ++index) {
    if (pattern[index] == 'x' && !is_given(node.inputs, index))
      return fmt::format("input {}", index);
  }
  return needs_first_output(node) && !is_given(node.outputs, 0) ? "its output" : "";
}

}  // namespace hasten::graph
