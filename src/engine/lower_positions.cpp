// Positions: counted from the start of a sequence, or RoBERTa's, counted over ids other than padding.
#include "engine/lower_weights.h"
#include "engine/lowering.h"

namespace hasten::engine {
namespace {

using graph::Node;
using Stage = PaddingCount::Stage;

const PaddingCount* count_of(const Lowering& lowering, const Node& node, std::size_t input) {
  return std::get_if<PaddingCount>(&lowering.of(node, input));
}

const PaddingCount& count_at(const Lowering& lowering, const Node& node, std::size_t input,
                             Stage stage) {
  const PaddingCount* count = count_of(lowering, node, input);
  expect(count != nullptr && count->stage == stage, "a count of the tokens before each token");
  return *count;
}

}  // namespace

// Slice(constant 0, 1, 2, ..., 0, sequence length, axis 1).
void lower_slice(Lowering& lowering, const Node& node) {
  const graph::Graph& graph = lowering.graph();
  expect(graph.is_constant(node.inputs[0]) &&
             !is_floating(graph.value(node.inputs[0]).constant->dtype),
         "positions to be sliced from a constant");
  expect(Lowering::has_input(node, 3) && find_integer(graph, node.inputs[1]) == 0 &&
             find_integer(graph, node.inputs[3]) == 1 &&
             find_integer(graph, node.inputs[2]) == std::nullopt,
         "positions to be sliced from their start to the sequence's length");
  const std::vector<std::int64_t> positions = to_int64(*graph.value(node.inputs[0]).constant);
  expect(!positions.empty(), "positions");
  for (std::size_t i = 0; i < positions.size(); ++i) {
    expect(positions[i] == positions[0] + static_cast<std::int64_t>(i),
           "positions to count up by one");
  }
  lowering.set(node.outputs[0], TokenIndex{IndexSource::k_position, positions[0]});
}

void lower_equal(Lowering& lowering, const Node& node) {
  const TokenIndex index = lowering.index_of(node, 0);
  const auto pad_id = find_integer(lowering.graph(), node.inputs[1]);
  expect(index.source == IndexSource::k_token_id && pad_id,
         "token ids to be compared with the padding's");
  lowering.set(node.outputs[0], PaddingCount{Stage::k_is_padding, *pad_id});
}

void lower_not(Lowering& lowering, const Node& node) {
  PaddingCount count = count_at(lowering, node, 0, Stage::k_is_padding);
  count.stage = Stage::k_is_token;
  lowering.set(node.outputs[0], count);
}

void lower_running_count(Lowering& lowering, const Node& node) {
  PaddingCount count = count_at(lowering, node, 0, Stage::k_is_token);
  const auto axis = find_integer(lowering.graph(), node.inputs[1]);
  expect((axis == 1 || axis == -1) && node.integer("exclusive", 0) == 0 &&
             node.integer("reverse", 0) == 0,
         "a count along the sequence, from its start");
  count.stage = Stage::k_count;
  lowering.set(node.outputs[0], count);
}

bool lower_masked_count(Lowering& lowering, const Node& node) {
  const PaddingCount* first = count_of(lowering, node, 0);
  if (first == nullptr && count_of(lowering, node, 1) == nullptr) return false;
  const std::size_t counted = first != nullptr && first->stage == Stage::k_count ? 0 : 1;
  PaddingCount count = count_at(lowering, node, counted, Stage::k_count);
  expect(count_at(lowering, node, 1 - counted, Stage::k_is_token).pad_id == count.pad_id,
         "one padding id throughout");
  count.stage = Stage::k_kept_count;
  lowering.set(node.outputs[0], count);
  return true;
}

bool lower_added_padding(Lowering& lowering, const Node& node) {
  const std::size_t counted = count_of(lowering, node, 0) != nullptr ? 0 : 1;
  const PaddingCount* count = count_of(lowering, node, counted);
  if (count == nullptr) return false;
  const auto added = find_integer(lowering.graph(), node.inputs[1 - counted]);
  if (count->stage == Stage::k_count && added == 0) {  // no tokens of an earlier call
    lowering.set(node.outputs[0], *count);
    return true;
  }
  expect(count->stage == Stage::k_kept_count && added == count->pad_id,
         "positions to begin after the padding's");
  lowering.set(node.outputs[0], TokenIndex{IndexSource::k_padded_position, count->pad_id});
  return true;
}

}  // namespace hasten::engine
