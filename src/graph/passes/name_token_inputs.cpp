#include "graph/passes/name_token_inputs.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "graph/passes/attention_projection.h"
#include "graph/passes/match.h"
#include "graph/passes/shape_walk.h"

namespace hasten::graph {
namespace {

constexpr std::string_view k_ids = "input_ids";
constexpr std::string_view k_mask = "attention_mask";
constexpr std::string_view k_types = "token_type_ids";
constexpr std::string_view k_positions = "position_ids";
constexpr std::int64_t k_most_types = 16;  // more rows are positions'

// Whether a name says nothing: input.1, args_0, onnx::Gather_0, 7, x
bool is_meaningless(std::string name) {
  if (name.starts_with("onnx::")) return true;
  for (const std::string_view word : {"inputs", "input", "args", "arg"}) {
    if (name.starts_with(word)) name.erase(0, word.size());
  }
  return std::count_if(name.begin(), name.end(),
                       [](unsigned char letter) { return std::isalpha(letter) != 0; }) <= 1;
}

// Whether a name may be that of such an input: others (languages, tasks, entities) look rows up too.
bool suits(const std::string& name, std::string_view role) {
  if (is_meaningless(name)) return true;
  const auto has_one_of = [&](std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(),
                       [&](auto word) { return name.find(word) != std::string::npos; });
  };
  if (role == k_mask) return has_one_of({"mask", "msk"});
  if (role == k_types) return has_one_of({"type", "seg"});
  if (role == k_positions) return has_one_of({"position"});
  return has_one_of({"ids", "word", "tok", "text"});
}

bool passes_indices_on(const Node& node) {
  static constexpr std::array<std::string_view, 8> k_kinds = {
      "Cast", "Identity", "Unsqueeze", "Squeeze", "Reshape", "Expand", "Clip", "Flatten"};
  return node.domain == k_onnx_domain &&
         std::find(k_kinds.begin(), k_kinds.end(), node.op_type) != k_kinds.end();
}

std::int64_t rows_of(const Graph& graph, ValueId table) {
  const ValueId stored = stored_constant(graph, table);
  if (stored == k_no_value) return 0;
  const Dims& dims = graph.value(stored).constant->dims;
  return dims.size() == 2 ? dims[0] : 0;
}

// Rows of the table that `node` looks `indices` up in; 0 when it is no lookup.
std::int64_t rows_looked_up(const Graph& graph, const Node& node, ValueId indices) {
  if (node.is("Gather") && node.inputs[1] == indices && node.integer("axis", 0) == 0) {
    return rows_of(graph, node.inputs[0]);
  }
  if (node.is("OneHot") && node.inputs[0] == indices) {
    const auto depth = constant_integers(graph, node.inputs[1]);
    return depth && depth->size() == 1 ? depth->front() : 0;
  }
  if (!node.is("EmbedLayerNormalization", k_microsoft_domain)) return 0;
  static constexpr std::array<std::pair<std::size_t, std::size_t>, 3> k_tables = {
      {{0, 2}, {1, 4}, {8, 3}}};
  for (const auto& [index, table] : k_tables) {
    if (has_input(node, index) && has_input(node, table) && node.inputs[index] == indices)
      return rows_of(graph, node.inputs[table]);
  }
  return 0;
}

// Rows of the largest table that the input's elements are looked up in; 0 for a mask.
std::int64_t rows_of_lookups(const Graph& graph, ValueId input) {
  std::int64_t most = 0;
  std::set<ValueId> seen = {input};
  std::vector<ValueId> open = {input};
  while (!open.empty()) {
    const ValueId value = open.back();
    open.pop_back();
    for (const NodeId id : graph.consumers(value)) {
      const Node& node = graph.node(id);
      most = std::max(most, rows_looked_up(graph, node, value));
      if (!passes_indices_on(node) || node.inputs[0] != value) continue;
      if (seen.insert(node.outputs[0]).second) open.push_back(node.outputs[0]);
    }
  }
  return most;
}

struct TokenInput {
  ValueId value;
  std::size_t place;  // among the graph's inputs
  std::int64_t rows;
};

// Names for the inputs, those with more rows first; nothing when two could be the same.
std::optional<std::vector<std::string_view>> names_of(const Graph& graph,
                                                      const std::vector<TokenInput>& inputs) {
  std::vector<std::string_view> names;
  for (const TokenInput& input : inputs) {
    const bool is_read = !graph.consumers(input.value).empty();
    if (names.empty()) {
      names.push_back(k_ids);
    } else if (input.rows > k_most_types) {
      names.push_back(k_positions);
    } else {
      names.push_back(input.rows > 0 || !is_read ? k_types : k_mask);
    }
  }
  const std::set<std::string_view> different(names.begin(), names.end());
  for (std::size_t index = 0; index < names.size(); ++index) {
    if (!suits(graph.value(inputs[index].value).name, names[index])) return std::nullopt;
  }
  if (inputs.empty() || inputs[0].rows == 0 || different.size() != names.size())
    return std::nullopt;
  return names;
}

bool is_known(const std::string& name) {
  return name == k_ids || name == k_mask || name == k_types || name == k_positions;
}

}  // namespace

std::vector<std::string> token_input_names(const Graph& graph) {
  std::vector<std::string> own;
  for (const ValueId id : graph.inputs()) own.push_back(graph.value(id).name);
  const bool all_take_tokens =
      std::all_of(graph.inputs().begin(), graph.inputs().end(),
                  [&](ValueId id) { return takes_tokens(graph.value(id)); });
  if (!all_take_tokens || std::all_of(own.begin(), own.end(), is_known)) return own;
  std::vector<TokenInput> inputs;
  for (const ValueId id : graph.inputs())
    inputs.push_back({id, inputs.size(), rows_of_lookups(graph, id)});
  std::stable_sort(inputs.begin(), inputs.end(),
                   [](const TokenInput& a, const TokenInput& b) { return a.rows > b.rows; });
  const auto names = names_of(graph, inputs);
  if (!names) return own;
  for (std::size_t index = 0; index < inputs.size(); ++index)
    own[inputs[index].place] = (*names)[index];
  return own;
}

void name_token_inputs(Graph& graph) {
  const std::vector<std::string> names = token_input_names(graph);
  const std::vector<ValueId> inputs(graph.inputs().begin(), graph.inputs().end());
  bool is_named = true;
  for (std::size_t index = 0; index < inputs.size(); ++index)
    is_named = is_named && graph.value(inputs[index]).name == names[index];
  if (is_named) return;
  // Names that other values have, or that two inputs exchange, are free after the first round.
  for (const ValueId input : inputs) graph.rename(input, "token.input");
  for (std::size_t index = 0; index < inputs.size(); ++index) {
    const ValueId holder = graph.find_value(names[index]);
    if (holder != k_no_value) graph.rename(holder, "former." + names[index]);
    graph.rename(inputs[index], names[index]);
  }
}

}  // namespace hasten::graph
