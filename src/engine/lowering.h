// Lowering in progress: what each value of the graph has become. Internal to lower*.cpp.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "engine/lower.h"
#include "engine/lower_lengths.h"
#include "engine/lower_sources.h"
#include "engine/program.h"
#include "graph/graph.h"

namespace hasten::engine {

// An integer per token that rows of tables are looked up by.
struct TokenIndex {
  IndexSource source;
  std::int64_t offset = 0;
};

// On the way to RoBERTa's positions: pad + (running count of ids other than pad), or pad where the
// id is.
struct PaddingCount {
  enum class Stage : std::uint8_t { k_is_padding, k_is_token, k_count, k_kept_count };
  Stage stage;
  std::int64_t pad_id = 0;
};

// attention_mask or something made of it alone: ragged batches need none.
struct MaskValue {};

// A sum of looked-up rows that no buffer holds yet.
struct LookupSum {
  std::vector<Lookup> lookups;
};

// Some columns of a buffer.
struct View {
  Columns columns;
  std::int64_t width = 0;
};

// Columns of a buffer as the heads of an attention.
struct Heads {
  // [batch, length, heads, size], [batch, heads, length, size], [batch, heads, size, length] and
  // [batch, heads, length, 1, size]
  enum class Axes : std::uint8_t { k_split, k_heads, k_turned, k_lone };
  Columns columns;
  std::int64_t heads = 0;
  std::int64_t head_size = 0;
  Axes axes = Axes::k_split;
  double scale = 1;
  std::optional<Rotation> rotation;
  bool sorted_pairs = false;  // which the rotation turned, and which the product has as halves now
  std::int64_t width() const { return heads * head_size; }
};

// Computed element by element from `source`, a buffer or a view, or, heads that were turned, from
// heads. What it is is worked out where it is used.
struct Derived {
  graph::ValueId source{};
};

// Products of query or key with the vectors of distances. Before the entries are looked up: [batch,
// heads, length, rows of the table]; after: [batch, heads, length, length], the token whose product
// it is first or, turned, last.
struct DistanceProducts {
  Heads heads;
  DistanceVectors vectors;  // the scale is the product's; entries by own position minus the other's
  std::int64_t limit = 0;   // 0 before the lookup
  bool lone = false;        // [batch, heads, length, 1, length]
  bool turned = false;
};

// Scores of all queries and keys, or, after the softmax, each key's share: [batch, heads, length,
// length].
struct Scores {
  struct Content {
    Heads query, key;
    double scale = 1;
  };
  std::optional<Content> content;
  std::vector<DistanceProducts> products;
  std::optional<ByDistance> bias;
  std::optional<std::int64_t> window;
  bool hides_padding = false;  // asked of graphs of a fixed length
  bool shares = false;
};

// [batch, width]: the sum over a text's tokens.
struct TokenSum {
  BufferId buffer{};
};

// A buffer, [batch, width, length].
struct Channels {
  BufferId buffer{};
};

using LoweredValue =
    std::variant<std::monostate, TokenIndex, PaddingCount, MaskValue, LookupSum, BufferId, View,
                 Heads, Derived, DistanceProducts, Scores, TokenSum, Channels>;

// Thrown by the operators' functions below to stop the lowering; never leaves lower().
struct NotLowered {
  std::string expected;
};

class Lowering {
 public:
  explicit Lowering(const graph::Graph& graph)
      : graph_(graph), sources_(graph), lengths_(graph, sources_) {}

  const graph::Graph& graph() const { return graph_; }
  Program& program() { return program_; }
  const Sources& sources() const { return sources_; }
  LengthFunctions& lengths() { return lengths_; }
  const LengthFunctions& lengths() const { return lengths_; }
  // Whether shorter texts are padded, because the graph takes one length only.
  bool has_padding() const { return lengths_.fixed_length() > 0; }

  void set(graph::ValueId value, LoweredValue lowered) { values_[value] = std::move(lowered); }
  // What an input of a node has become; monostate for constants and left-out inputs.
  const LoweredValue& of(const graph::Node& node, std::size_t input) const;
  const LoweredValue& of(graph::ValueId value) const;
  // What it has become when it is of that kind, nullptr otherwise.
  template <typename Kind>
  const Kind* find(const graph::Node& node, std::size_t input) const {
    return std::get_if<Kind>(&of(node, input));
  }
  // The same as a buffer or an index; throws NotLowered when it is something else. A buffer may be
  // computed only now, when it is known what for: activations and sums of lookups.
  BufferId buffer_of(const graph::Node& node, std::size_t input);
  BufferId buffer_of(graph::ValueId value);
  TokenIndex index_of(const graph::Node& node, std::size_t input) const;
  bool is_mask(const graph::Node& node, std::size_t input) const;
  // Whether the node has that optional input.
  static bool has_input(const graph::Node& node, std::size_t input);

  std::int64_t width(BufferId buffer) const { return program_.buffer(buffer).width; }
  Rows rows(BufferId buffer) const { return program_.buffer(buffer).rows; }

  // Appends an instruction whose output is a new buffer and makes it the node's first output.
  template <typename Operation>
  BufferId emit(const graph::Node& node, Operation operation, Rows rows, std::int64_t width) {
    const BufferId output = append(std::move(operation), rows, width);
    set(node.outputs[0], output);
    return output;
  }
  template <typename Operation>
  BufferId append(Operation operation, Rows rows, std::int64_t width) {
    const BufferId output = program_.add_buffer(rows, width);
    operation.output = output;
    program_.instructions.emplace_back(std::move(operation));
    return output;
  }

  // The buffer that an input is or, as an activation, can be computed to; nothing for other kinds.
  std::optional<BufferId> find_buffer(const graph::Node& node, std::size_t input);

  // The Linear that computes an input, when nobody else reads it and nothing follows its product
  // yet but perhaps a bias; nullptr otherwise. Bias and activation can then move into it.
  Linear* open_linear(const graph::Node& node, std::size_t input);
  // The Linear that writes a buffer and that no activation or residual follows yet; nullptr
  // otherwise.
  Linear* plain_linear(BufferId buffer);
  // The Linear that writes a buffer, with its activation, and that no residual follows yet.
  Linear* linear_without_residual(BufferId buffer);

  // Whether the instruction that writes `first` comes before the one that writes `second`.
  bool is_computed_before(BufferId first, BufferId second) const;

  // Tables that many layers share, by the values that they are read from.
  std::map<std::tuple<graph::ValueId, graph::ValueId, bool>, Rotation> rotations;
  std::map<graph::ValueId, Tensor> tables;
  std::map<graph::ValueId, std::optional<ByDistance>> distances;
  std::map<std::pair<graph::ValueId, int>, bool> hiding;  // which masks hide padding, by their kind

  // Values of which a graph of a fixed length leaves padding out: its rows are zeros.
  std::set<graph::ValueId> without_padding;

 private:
  const graph::Graph& graph_;
  const Sources sources_;
  LengthFunctions lengths_;
  Program program_;
  std::map<graph::ValueId, LoweredValue> values_;
};

// Lowers one node; throws NotLowered.
void lower_node(Lowering& lowering, const graph::Node& node);

// Throws NotLowered unless `holds`.
void expect(bool holds, std::string_view expected);

// An input that must be a constant vector of that many elements, and one that may be left out.
Tensor vector_input(const Lowering& lowering, const graph::Node& node, std::size_t input,
                    std::int64_t width);
std::optional<Tensor> optional_vector(const Lowering& lowering, const graph::Node& node,
                                      std::size_t input, std::int64_t width);

// Whether all consumers of what lies between `source` and `value` lie there themselves, but for those that ask
// for a shape alone.
bool is_only_way(const graph::Graph& graph, graph::ValueId source, graph::ValueId value);

// The rules below tell whether the node was one of theirs; they throw NotLowered where it was and
// could not be lowered.

// lower_embeddings.cpp: rows of tables, and their sums.
void lower_gather(Lowering& lowering, const graph::Node& node);
bool lower_lookup_sum(Lowering& lowering, const graph::Node& node);
void emit_embed(Lowering& lowering, const graph::Node& node, LookupSum sum,
                Normalization normalization);
void lower_embed_layer_normalization(Lowering& lowering, const graph::Node& node);

// lower_products.cpp: products with constant matrices, and what moves into them.
void lower_matmul(Lowering& lowering, const graph::Node& node);
void lower_gemm(Lowering& lowering, const graph::Node& node);
void lower_attention(Lowering& lowering, const graph::Node& node);
bool lower_bias(Lowering& lowering, const graph::Node& node);
void lower_biased_activation(Lowering& lowering, const graph::Node& node, Activation activation);
// Adds a constant bias to the product that `input` is.
void attach_bias(Lowering& lowering, const graph::Node& node, std::size_t input, Tensor bias);
// Adds two activations, in the product that one of them is where nothing comes between.
BufferId emit_sum(Lowering& lowering, const graph::Node& node);

// lower_normalization.cpp
void lower_layer_normalization(Lowering& lowering, const graph::Node& node);
void lower_skip_layer_normalization(Lowering& lowering, const graph::Node& node);

// lower_positions.cpp: integers that make positions.
void lower_slice(Lowering& lowering, const graph::Node& node);
void lower_equal(Lowering& lowering, const graph::Node& node);
void lower_not(Lowering& lowering, const graph::Node& node);
void lower_running_count(Lowering& lowering, const graph::Node& node);
bool lower_masked_count(Lowering& lowering, const graph::Node& node);
bool lower_added_padding(Lowering& lowering, const graph::Node& node);

// lower_activation.cpp
bool derive(Lowering& lowering, const graph::Node& node);
BufferId compute_activation(Lowering& lowering, graph::ValueId value);
// The value that an input is computed from element by element; k_no_value when it is of another kind.
graph::ValueId source_of(const Lowering& lowering, const graph::Node& node, std::size_t input);
// The function that leads from one value to another.
Activation recognize_activation(const Lowering& lowering, graph::ValueId source,
                                graph::ValueId value);

// lower_gate.cpp
bool lower_gate(Lowering& lowering, const graph::Node& node);

// lower_heads.cpp: splitting, merging and turning of heads.
bool lower_split(Lowering& lowering, const graph::Node& node);
bool lower_column_slice(Lowering& lowering, const graph::Node& node);
bool lower_layout(Lowering& lowering, const graph::Node& node);
// What an input is as heads, turned by their positions or not; nullptr when it is none.
const Heads* find_heads(Lowering& lowering, const graph::Node& node, std::size_t input);

// lower_rotation.cpp: `value` follows from the heads at `source` and from tables of angles: makes the heads those at
// `value`. Throws NotLowered when what lies between is no rotation.
void rotate_heads(Lowering& lowering, Heads& heads, graph::ValueId source, graph::ValueId value);

// lower_scores.cpp: from the product of query and key to that with the values.
bool lower_head_product(Lowering& lowering, const graph::Node& node);
bool lower_scaling(Lowering& lowering, const graph::Node& node);
bool lower_score_sum(Lowering& lowering, const graph::Node& node);
bool lower_score_choice(Lowering& lowering, const graph::Node& node);
void lower_softmax(Lowering& lowering, const graph::Node& node);

// lower_distances.cpp: products with the vectors of distances.
bool lower_distance_product(Lowering& lowering, const graph::Node& node, const Heads& heads);
void lower_gather_elements(Lowering& lowering, const graph::Node& node);
const std::optional<ByDistance>& find_by_distance(Lowering& lowering, graph::ValueId value);

// lower_tokens.cpp: means over tokens, convolutions along them, and what leaves padding out.
bool lower_kept_tokens(Lowering& lowering, const graph::Node& node);
void lower_token_sum(Lowering& lowering, const graph::Node& node);
bool lower_token_mean(Lowering& lowering, const graph::Node& node);
void lower_convolution(Lowering& lowering, const graph::Node& node);
bool lower_channel_sum(Lowering& lowering, const graph::Node& node);

}  // namespace hasten::engine
