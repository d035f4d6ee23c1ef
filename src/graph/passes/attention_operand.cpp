#include "graph/passes/attention_operand.h"

#include "graph/passes/attention_layout.h"
#include "graph/passes/match.h"
#include "graph/passes/value_type.h"

namespace hasten::graph {
namespace {

using Form = AttentionOperand::Form;
using Permutation = std::vector<std::int64_t>;

constexpr int k_most_steps = 12;

class Reader {
 public:
  Reader(const Graph& graph, const ProbeShapes& shapes, Factors factors)
      : graph_(graph), shapes_(shapes), factors_(factors) {}

  std::optional<AttentionOperand> read(ValueId value, HeadLayout layout) const {
    const auto first = size_of(shapes_.walk(), value, layout);
    if (!first || first != size_of(shapes_.other_walk(), value, layout)) return std::nullopt;
    AttentionOperand operand;
    operand.heads = first->first;
    operand.head_size = first->second;
    const Form bare = without_factors({value, 1});
    if (layout == HeadLayout::k_rows) {
      operand.rows = bare;
    } else {
      operand.columns = bare;
      const Node* turn = find_producer(graph_, bare.value);
      if (turn != nullptr && turn->is("Transpose") &&
          turn->integers("perm", {}) == Permutation{0, 1, 3, 2}) {
        operand.rows = without_factors({turn->inputs[0], bare.scale});
      }
    }
    operand.tokens = find_tokens(value, operand, layout);
    return operand;
  }

 private:
  using Size = std::pair<std::int64_t, std::int64_t>;  // heads and their size

  static std::optional<Size> size_of(const ShapeWalk& walk, ValueId value, HeadLayout layout) {
    const ProbeSize probe = walk.size();
    const auto& dims = walk.dims(value);
    if (!dims || dims->size() != 4 || (*dims)[0] != probe.batch) return std::nullopt;
    const bool by_row = layout == HeadLayout::k_rows;
    if ((*dims)[by_row ? 2 : 3] != probe.length) return std::nullopt;
    return Size{(*dims)[1], (*dims)[by_row ? 3 : 2]};
  }

  bool take_factor(Form& form) const {
    const Node* node = factors_ == Factors::k_keep ? nullptr : find_producer(graph_, form.value);
    const auto factor = node == nullptr ? std::nullopt : factor_of(shapes_, *node, form.value);
    if (factor) form.scale *= *factor;
    return factor.has_value();
  }

  Form without_factors(Form form) const {
    for (int step = 0; step < k_most_steps && take_factor(form); ++step) continue;
    return form;
  }

  // Goes back over the nodes that lay heads out, until they are side by side.
  Form find_tokens(ValueId value, const AttentionOperand& operand, HeadLayout layout) const {
    const Dims merged = {shapes_.size().batch, shapes_.size().length,
                         operand.heads * operand.head_size};
    Form form{value, 1};
    std::vector<NodeId> chain;
    for (int step = 0; step < k_most_steps; ++step) {
      if (take_factor(form)) continue;
      if (shapes_.dims(form.value) == merged && splits_heads(chain, merged, operand, layout))
        return form;
      const NodeId id = graph_.producer(form.value);
      if (id == k_no_node || graph_.node(id).inputs.empty()) break;
      chain.push_back(id);
      form.value = graph_.node(id).inputs[0];
    }
    return {};
  }

  bool splits_heads(const std::vector<NodeId>& chain, const Dims& merged,
                    const AttentionOperand& operand, HeadLayout layout) const {
    Places places(merged);
    for (auto id = chain.rbegin(); id != chain.rend(); ++id) {
      if (!apply_layout(graph_, shapes_, graph_.node(*id), places)) return false;
    }
    Places expected(merged);
    expected.reshape(Permutation{0, 0, operand.heads, operand.head_size});
    expected.transpose(layout == HeadLayout::k_rows ? Permutation{0, 2, 1, 3}
                                                    : Permutation{0, 2, 3, 1});
    return places == expected;
  }

  const Graph& graph_;
  const ProbeShapes& shapes_;
  const Factors factors_;
};

ValueId transposed(Graph& graph, ValueId value, Permutation permutation) {
  const std::string name = graph.value(value).name + ".turned";
  const auto dtype = find_type(graph, value);
  const ValueId result =
      graph.add_op("Transpose", {value}, {{"perm", std::move(permutation)}}, name);
  graph.value(result).dtype = dtype;
  return result;
}

}  // namespace

std::optional<AttentionOperand> read_operand(const Graph& graph, const ProbeShapes& shapes,
                                             ValueId value, HeadLayout layout, Factors factors) {
  return Reader(graph, shapes, factors).read(value, layout);
}

Form as_tokens(Graph& graph, const AttentionOperand& operand) {
  if (operand.tokens.value != k_no_value) return operand.tokens;
  const bool by_row = operand.rows.value != k_no_value;
  const Form& from = by_row ? operand.rows : operand.columns;
  const ValueId split =
      transposed(graph, from.value, by_row ? Permutation{0, 2, 1, 3} : Permutation{0, 3, 1, 2});
  const std::string name = graph.value(from.value).name + ".tokens";
  const ValueId shape = graph.add_constant(
      name + ".shape", make_tensor<std::int64_t>({3}, {0, 0, operand.heads * operand.head_size}));
  const ValueId tokens = graph.add_op("Reshape", {split, shape}, {}, name);
  graph.value(tokens).dtype = graph.value(split).dtype;
  return {tokens, from.scale};
}

Form as_rows(Graph& graph, const AttentionOperand& operand) {
  if (operand.rows.value != k_no_value) return operand.rows;
  return {transposed(graph, operand.columns.value, {0, 1, 3, 2}), operand.columns.scale};
}

}  // namespace hasten::graph
