//   s = Einsum(q, k) {equation="bqhd,bkhd->bhqk"}
//     ==>   s = MatMul(Transpose(q) {perm=[0, 2, 1, 3]}, Transpose(k) {perm=[0, 2, 3, 1]})
//
//   y = Einsum(c, const w) {equation="bfnd,ndh->bfh"}
//     ==>   y = MatMul(Reshape(c, [0, 0, n d]), const w as [n d, h])
//
// Letters of both operands and the result count batches, those of both operands alone are summed
// over, the others are rows of the left and columns of the right operand. Equations with a letter
// that only one operand has and the result lacks, with one that is repeated, or with an ellipsis
// stay.
#include <algorithm>
#include <numeric>

#include "graph/passes/operator_builder.h"
#include "graph/passes/passes.h"

namespace hasten::graph {
namespace {

struct Equation {
  std::string left, right, result;
  std::string batch, rows, columns, summed;  // letters in the order in which a product has them
};

bool has(const std::string& letters, char letter) {
  return letters.find(letter) != letters.npos;
}

bool has_repeats(std::string letters) {
  std::sort(letters.begin(), letters.end());
  return std::adjacent_find(letters.begin(), letters.end()) != letters.end();
}

std::optional<Equation> parse(std::string text) {
  std::erase(text, ' ');
  const std::size_t comma = text.find(',');
  const std::size_t arrow = text.find("->");
  if (comma == text.npos || arrow == text.npos || arrow < comma) return std::nullopt;
  Equation equation{text.substr(0, comma),
                    text.substr(comma + 1, arrow - comma - 1),
                    text.substr(arrow + 2),
                    {},
                    {},
                    {},
                    {}};
  for (const std::string* letters : {&equation.left, &equation.right, &equation.result}) {
    if (has_repeats(*letters)) return std::nullopt;
    for (const char letter : *letters) {
      if (letter == '.' || letter == ',') return std::nullopt;
    }
  }
  for (const char letter : equation.result) {
    const bool left = has(equation.left, letter);
    const bool right = has(equation.right, letter);
    if (!left && !right) return std::nullopt;
    (left && right ? equation.batch : left ? equation.rows : equation.columns) += letter;
  }
  for (const char letter : equation.left) {
    if (has(equation.result, letter)) continue;
    if (!has(equation.right, letter)) return std::nullopt;
    equation.summed += letter;
  }
  for (const char letter : equation.right) {
    if (!has(equation.result, letter) && !has(equation.left, letter)) return std::nullopt;
  }
  return equation;
}

// Brings the dimensions of a value into another order.
ValueId arranged(OperatorBuilder& builder, ValueId value, const std::string& letters,
                 const std::string& wanted) {
  if (letters == wanted) return value;
  Integers permutation;
  for (const char letter : wanted) {
    permutation.push_back(static_cast<std::int64_t>(letters.find(letter)));
  }
  return builder.transpose(value, std::move(permutation));
}

// A product of matrices in each batch: one letter for rows, columns and what is summed over.
bool is_plain_product(const Equation& equation) {
  return equation.rows.size() == 1 && equation.columns.size() == 1 && equation.summed.size() == 1;
}

ValueId add_plain_product(OperatorBuilder& builder, const Node& node, const Equation& equation) {
  const ValueId left = arranged(builder, node.inputs[0], equation.left,
                                equation.batch + equation.rows + equation.summed);
  const ValueId right = arranged(builder, node.inputs[1], equation.right,
                                 equation.batch + equation.summed + equation.columns);
  return arranged(builder, builder.op("MatMul", {left, right}),
                  equation.batch + equation.rows + equation.columns, equation.result);
}

// A product with a constant matrix, over several letters or to several.
bool is_dense(const Graph& graph, const Node& node, const Equation& equation) {
  return graph.is_constant(node.inputs[1]) && equation.batch.empty() && !equation.summed.empty() &&
         equation.rows.size() <= 3 && !equation.columns.empty() &&
         equation.left == equation.rows + equation.summed &&
         equation.right == equation.summed + equation.columns &&
         equation.result == equation.rows + equation.columns;
}

ValueId add_dense(Graph& graph, OperatorBuilder& builder, const Node& node,
                  const Equation& equation) {
  const Value& whole = graph.value(node.inputs[1]);
  const Dims dims = whole.constant->dims;
  const auto middle = dims.begin() + static_cast<std::ptrdiff_t>(equation.summed.size());
  const auto product_of = [](auto begin, auto end) {
    return std::accumulate(begin, end, std::int64_t{1}, std::multiplies<>());
  };
  Tensor matrix = *whole.constant;
  matrix.dims = {product_of(dims.begin(), middle), product_of(middle, dims.end())};
  Integers kept(equation.rows.size(), 0);
  ValueId left = node.inputs[0];
  if (equation.summed.size() > 1) {
    Integers target = kept;
    target.push_back(matrix.dims[0]);
    left = builder.reshape(left, std::move(target));
  }
  const ValueId weight = graph.add_constant(whole.name + ".matrix", std::move(matrix));
  const ValueId product = builder.op("MatMul", {left, weight});
  if (equation.columns.size() == 1) return product;
  kept.insert(kept.end(), middle, dims.end());
  return builder.reshape(product, std::move(kept));
}

std::optional<ValueId> add_products(Graph& graph, const Node& node) {
  if (node.inputs.size() != 2) return std::nullopt;
  const auto equation = parse(node.text("equation", ""));
  if (!equation) return std::nullopt;
  const Value& result = graph.value(node.outputs[0]);
  OperatorBuilder builder(graph, result.name, result.dtype);
  if (is_dense(graph, node, *equation)) return add_dense(graph, builder, node, *equation);
  if (!is_plain_product(*equation)) return std::nullopt;
  return add_plain_product(builder, node, *equation);
}

}  // namespace

PassOutcome split_einsums(Graph& graph) {
  PassOutcome outcome;
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    if (!graph.node(id).is("Einsum")) continue;
    const auto result = add_products(graph, graph.node(id));
    if (!result) continue;
    const ValueId old = graph.node(id).outputs[0];
    graph.remove_node(id);
    graph.replace_uses(old, *result);
    ++outcome.rewrites;
  }
  return outcome;
}

}  // namespace hasten::graph
