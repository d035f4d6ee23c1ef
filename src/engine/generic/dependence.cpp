#include "engine/generic/dependence.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace hasten::engine::generic {
namespace {

using graph::Node;
using graph::ValueId;

// The shape of what they give follows from the shapes of what they read.
constexpr std::string_view k_shape_from_shapes =
    " Add Sub Mul Div Mod Pow Min Max Sum Mean Clip Neg Abs Sign Sqrt Exp Log Reciprocal "
    "Floor Ceil Round Sin Cos Erf Tanh Relu Sigmoid Softplus Softsign Mish HardSwish "
    "Gelu Swish LeakyRelu Elu Celu Selu HardSigmoid PRelu BiasGelu FastGelu QuickGelu "
    "Equal Less LessOrEqual Greater GreaterOrEqual And Or Xor Not IsNaN IsInf Where Cast "
    "CastLike MatMul Gemm FusedGemm FusedMatMul Einsum Conv Softmax LogSoftmax Hardmax "
    "LayerNormalization RMSNormalization SimplifiedLayerNormalization "
    "SkipLayerNormalization SkipSimplifiedLayerNormalization EmbedLayerNormalization "
    "Attention MultiHeadAttention RotaryEmbedding Identity Dropout Flatten Transpose "
    "Concat Shape Size Gather GatherElements GatherND ScatterElements Scatter ScatterND "
    "ArgMax ArgMin CumSum Trilu EyeLike GlobalAveragePool QuantizeLinear "
    "DequantizeLinear DynamicQuantizeLinear MatMulInteger QLinearMatMul QAttention ";
// Of these, only if what they read after the first input is known by length.
constexpr std::string_view k_shape_from_later_inputs =
    " Reshape Expand Slice Tile Pad Squeeze Unsqueeze Split TopK ReduceSum ReduceMean "
    "ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ";

// Names stand between blanks.
bool contains(std::string_view names, const std::string& name) {
  return names.find(' ' + name + ' ') != std::string_view::npos;
}

class Analysis {
 public:
  explicit Analysis(const graph::Graph& graph)
      : graph_(graph),
        values_(graph.value_count(), Dependence::k_constant),
        shapes_(graph.value_count(), Dependence::k_constant) {}

  std::vector<Dependence> run() {
    for (const ValueId input : graph_.inputs()) {
      const std::string& name = graph_.value(input).name;
      const bool by_length = name == "attention_mask" || name == "position_ids";
      values_[place(input)] = by_length ? Dependence::k_length : Dependence::k_text;
      shapes_[place(input)] = Dependence::k_length;
    }
    for (const graph::NodeId id : graph_.order()) visit(graph_.node(id));
    return std::move(values_);
  }

 private:
  static std::size_t place(ValueId id) { return static_cast<std::size_t>(id); }

  // The most that a node's inputs from `first` on follow from.
  Dependence most(const std::vector<Dependence>& of, const Node& node, std::size_t first) const {
    Dependence most = Dependence::k_constant;
    for (std::size_t index = first; index < node.inputs.size(); ++index) {
      if (node.inputs[index] != graph::k_no_value)
        most = std::max(most, of[place(node.inputs[index])]);
    }
    return most;
  }

  Dependence shape_after(const Node& node) const {
    const Dependence shapes = most(shapes_, node, 0);
    if (contains(k_shape_from_shapes, node.op_type)) return shapes;
    const std::size_t first = contains(k_shape_from_later_inputs, node.op_type) ? 1 : 0;
    return std::max(shapes, most(values_, node, first));
  }

  // Of what is computed for a text, even the shape is there only once it is computed.
  bool reads_known_shape(const Node& node) const {
    if (!node.is("Shape") && !node.is("Size")) return false;
    const auto& inputs = graph_.inputs();
    const bool is_input = std::find(inputs.begin(), inputs.end(), node.inputs[0]) != inputs.end();
    return is_input || values_[place(node.inputs[0])] != Dependence::k_text;
  }

  void visit(const Node& node) {
    const Dependence shape = shape_after(node);
    const Dependence value =
        reads_known_shape(node) ? shape : std::max(most(values_, node, 0), most(shapes_, node, 0));
    for (const ValueId output : node.outputs) {
      if (output == graph::k_no_value) continue;
      values_[place(output)] = std::max(value, shape);
      shapes_[place(output)] = shape;
    }
  }

  const graph::Graph& graph_;
  std::vector<Dependence> values_;
  std::vector<Dependence> shapes_;
};

}  // namespace

std::vector<Dependence> dependences_of(const graph::Graph& graph) {
  return Analysis(graph).run();
}

}  // namespace hasten::engine::generic
