//   r = Concat(Neg(x[.., half:]), x[.., :half])
//   y = Add(Mul(x, cos), Mul(r, sin))
//     ==>   y = heads(com.microsoft.RotaryEmbedding(tokens(x), 0, cos[.., :half], sin[.., :half]))
//
// Tables of cosines and sines are [1, 1, length, size], or [1, length, 1, size] where heads are not turned
// yet, their halves alike; the operator takes heads side by side, as attention after it does.
#include <array>
#include <cmath>
#include <map>

#include "graph/passes/attention_operand.h"
#include "graph/passes/match.h"
#include "graph/passes/operator_builder.h"
#include "graph/passes/passes.h"
#include "graph/passes/region.h"
#include "graph/passes/value_type.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_most_nodes = 100;
constexpr std::int64_t k_first_opset_with_slice_inputs = 10;

struct Rotation {
  ValueId x, cosines, sines;
  bool by_head = true;  // [batch, heads, length, size], or [batch, length, heads, size]
  std::int64_t heads = 0, size = 0;
  DType dtype = DType::k_float32;
};

class Rotations {
 public:
  explicit Rotations(Graph& graph) : graph_(graph), shapes_(graph) {}

  bool fuse(NodeId id) {
    auto rotation = find(graph_.node(id));
    if (!rotation) return false;
    const std::string name = graph_.value(graph_.node(id).outputs[0]).name;
    OperatorBuilder builder(graph_, name, rotation->dtype);
    const std::vector<ValueId> inputs = {tokens_of(*rotation, builder), position(builder),
                                         table(rotation->cosines, *rotation),
                                         table(rotation->sines, *rotation)};
    const ValueId turned =
        builder.op("RotaryEmbedding", inputs, {}, std::string(k_microsoft_domain));
    const Integers split = {0, 0, rotation->heads, rotation->size};
    if (!rotation->by_head) {
      replace_node(graph_, id, {name, "Reshape", {}, {turned, builder.integers(split)}, {}, {}});
      return true;
    }
    const ValueId heads = builder.reshape(turned, split);
    replace_node(graph_, id,
                 {name, "Transpose", {}, {heads}, {}, {{"perm", Integers{0, 2, 1, 3}}}});
    return true;
  }

 private:
  std::optional<Rotation> find(const Node& add) const {
    if (!add.is("Add")) return std::nullopt;
    for (const std::size_t order : {std::size_t{0}, std::size_t{1}}) {
      const Node* plain = find_producer(graph_, add.inputs[order]);
      const Node* turned = find_producer(graph_, add.inputs[1 - order]);
      if (plain == nullptr || turned == nullptr || !plain->is("Mul") || !turned->is("Mul")) break;
      for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
        const ValueId x = source_of_halves(turned->inputs[side]);
        if (x == k_no_value || (plain->inputs[0] != x && plain->inputs[1] != x)) continue;
        Rotation rotation{x, other_input(*plain, x), turned->inputs[1 - side]};
        if (read_sizes(rotation) && turns_halves(rotation, turned->inputs[side])) return rotation;
      }
    }
    return std::nullopt;
  }

  // x in Concat(Neg(part of x), part of x).
  ValueId source_of_halves(ValueId value) const {
    const Node* halves = find_producer(graph_, value);
    if (halves == nullptr || !halves->is("Concat") || halves->inputs.size() != 2) return k_no_value;
    const Node* negated = find_producer(graph_, halves->inputs[0]);
    if (negated == nullptr || !negated->is("Neg")) return k_no_value;
    const Node* second = find_producer(graph_, negated->inputs[0]);
    const Node* first = find_producer(graph_, halves->inputs[1]);
    const auto cuts = [](const Node* node) {
      return node != nullptr && (node->is("Slice") || node->is("Split"));
    };
    return cuts(first) && cuts(second) && first->inputs[0] == second->inputs[0] ? first->inputs[0]
                                                                                : k_no_value;
  }

  bool read_sizes(Rotation& rotation) const {
    const auto dtype = find_type(graph_, rotation.x);
    if ((dtype != DType::k_float32 && dtype != DType::k_float16) ||
        find_type(graph_, rotation.cosines) != dtype || find_type(graph_, rotation.sines) != dtype)
      return false;
    rotation.dtype = *dtype;
    for (const bool by_head : {true, false}) {
      rotation.by_head = by_head;
      if (fits(shapes_.walk(), rotation) && fits(shapes_.other_walk(), rotation))
        return rotation.size % 2 == 0 && halves_are_alike(rotation.cosines) &&
               halves_are_alike(rotation.sines);
    }
    return false;
  }

  static bool fits(const ShapeWalk& walk, Rotation& rotation) {
    const auto& dims = walk.dims(rotation.x);
    if (!dims || dims->size() != 4 || (*dims)[0] != walk.size().batch ||
        (*dims)[rotation.by_head ? 2 : 1] != walk.size().length)
      return false;
    rotation.heads = (*dims)[rotation.by_head ? 1 : 2];
    rotation.size = (*dims)[3];
    const Dims table = rotation.by_head ? Dims{1, 1, walk.size().length, rotation.size}
                                        : Dims{1, walk.size().length, 1, rotation.size};
    return walk.dims(rotation.cosines) == table && walk.dims(rotation.sines) == table;
  }

  bool halves_are_alike(ValueId table) const {
    const auto region = cut_out(graph_, graph_.inputs(), table, k_most_nodes, &shapes_.walk());
    if (!region) return false;
    const ProbeSize probe = shapes_.size();
    const auto count = static_cast<std::size_t>(probe.batch * probe.length);
    const std::vector<Tensor> ones(graph_.inputs().size(),
                                   make_tensor<std::int64_t>({probe.batch, probe.length},
                                                             std::vector<std::int64_t>(count, 1)));
    const auto result = try_out(*region, ones);
    if (!result || !is_floating(result->dtype)) return false;
    const std::vector<double> values = to_float64(*result);
    const auto size = static_cast<std::size_t>(result->dims.back());
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i % size < size / 2 && values[i] != values[i + size / 2]) return false;
    }
    return true;
  }

  // Whether `value` is x with its halves exchanged and the first negated.
  bool turns_halves(const Rotation& rotation, ValueId value) const {
    const auto region = cut_out(graph_, {&rotation.x, 1}, value, k_most_nodes, &shapes_.walk());
    const Dims& dims = *shapes_.dims(rotation.x);
    std::vector<double> numbers(static_cast<std::size_t>(*element_count(dims)));
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<double>(i + 1);
    const auto result =
        region ? try_out(*region, {make_tensor<double>(dims, numbers)}) : std::nullopt;
    if (!result || result->dims != dims) return false;
    const std::vector<double> found = to_float64(*result);
    const auto size = static_cast<std::size_t>(rotation.size);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const double expected = i % size < size / 2 ? -numbers[i + size / 2] : numbers[i - size / 2];
      if (found[i] != expected) return false;
    }
    return true;
  }

  // Heads side by side: [batch, length, heads * size]
  ValueId tokens_of(const Rotation& rotation, OperatorBuilder& builder) {
    if (rotation.by_head) {
      const auto operand =
          read_operand(graph_, shapes_, rotation.x, HeadLayout::k_rows, Factors::k_keep);
      return as_tokens(graph_, *operand).value;
    }
    const std::int64_t width = rotation.heads * rotation.size;
    const Node* split = find_producer(graph_, rotation.x);
    const Dims merged = {shapes_.size().batch, shapes_.size().length, width};
    if (split != nullptr && split->is("Reshape") && shapes_.dims(split->inputs[0]) == merged)
      return split->inputs[0];
    return builder.reshape(rotation.x, {0, 0, width});
  }

  // [length, size / 2]
  ValueId table(ValueId full, const Rotation& rotation) {
    const auto [entry, added] = tables_.try_emplace(full, full);
    if (!added) return entry->second;
    OperatorBuilder builder(graph_, graph_.value(full).name, rotation.dtype);
    const std::int64_t half = rotation.size / 2;
    return entry->second = builder.reshape(builder.slice(full, 3, 0, half), {-1, half});
  }

  ValueId position(OperatorBuilder& builder) {
    if (position_ == k_no_value) position_ = builder.integers({0});
    return position_;
  }

  Graph& graph_;
  const ProbeShapes shapes_;
  std::map<ValueId, ValueId> tables_;
  ValueId position_ = k_no_value;
};

// Working shapes out is not worth it elsewhere.
bool may_rotate(const Graph& graph) {
  const auto opset = graph.opsets.find(std::string(k_onnx_domain));
  if (opset == graph.opsets.end() || opset->second < k_first_opset_with_slice_inputs) return false;
  bool negates = false;
  for (const NodeId id : graph.order()) negates = negates || graph.node(id).is("Neg");
  return negates;
}

}  // namespace

PassOutcome fuse_rotary_embedding(Graph& graph) {
  PassOutcome outcome;
  if (!may_rotate(graph)) return outcome;
  Rotations rotations(graph);
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) outcome.rewrites += rotations.fuse(id) ? 1 : 0;
  graph.sort();
  return outcome;
}

}  // namespace hasten::graph
