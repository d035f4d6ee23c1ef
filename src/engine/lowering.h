// Lowering in progress: what each value of the graph has become. Internal to lower*.cpp.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/lower.h"
#include "engine/program.h"
#include "graph/graph.h"

namespace hasten::engine {

// An integer per token that rows of tables are looked up by.
struct TokenIndex {
  IndexSource source;
  std::int64_t offset = 0;
};

// On the way to RoBERTa's positions: pad + (running count of ids other than pad), or pad where the id is.
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

using LoweredValue =
    std::variant<std::monostate, TokenIndex, PaddingCount, MaskValue, LookupSum, BufferId>;

// Thrown by the operators' functions below to stop the lowering; never leaves lower().
struct NotLowered {
  std::string expected;
};

class Lowering {
 public:
  explicit Lowering(const graph::Graph& graph) : graph_(graph) {}

  const graph::Graph& graph() const { return graph_; }
  Program& program() { return program_; }

  void set(graph::ValueId value, LoweredValue lowered) { values_[value] = std::move(lowered); }
  // What an input of a node has become; monostate for constants and left-out inputs.
  const LoweredValue& of(const graph::Node& node, std::size_t input) const;
  // The same as a buffer or an index; throws NotLowered when it is something else.
  BufferId buffer_of(const graph::Node& node, std::size_t input) const;
  TokenIndex index_of(const graph::Node& node, std::size_t input) const;
  bool is_mask(const graph::Node& node, std::size_t input) const;
  // Whether the node has that optional input.
  static bool has_input(const graph::Node& node, std::size_t input);

  std::int64_t width(BufferId buffer) const { return program_.buffer(buffer).width; }
  Rows rows(BufferId buffer) const { return program_.buffer(buffer).rows; }

  // Appends an instruction whose output is a new buffer and makes it the node's first output.
  template <typename Operation>
  BufferId emit(const graph::Node& node, Operation operation, Rows rows, std::int64_t width) {
    const BufferId output = program_.add_buffer(rows, width);
    operation.output = output;
    program_.instructions.emplace_back(std::move(operation));
    set(node.outputs[0], output);
    return output;
  }

  // The Linear that computes an input, when nobody else reads it and nothing follows its product yet
  // but perhaps a bias; nullptr otherwise. Bias and activation can then move into it.
  Linear* open_linear(const graph::Node& node, std::size_t input);

 private:
  const graph::Graph& graph_;
  Program program_;
  std::map<graph::ValueId, LoweredValue> values_;
};

// Lowers one node; throws NotLowered.
void lower_node(Lowering& lowering, const graph::Node& node);

// Throws NotLowered unless `holds`.
void expect(bool holds, std::string_view expected);

// Operators on integers that make positions: Slice, Equal, Not, CumSum, Mul; and Add, which tells whether
// it was one of them.
void lower_slice(Lowering& lowering, const graph::Node& node);
void lower_equal(Lowering& lowering, const graph::Node& node);
void lower_not(Lowering& lowering, const graph::Node& node);
void lower_running_count(Lowering& lowering, const graph::Node& node);
void lower_masked_count(Lowering& lowering, const graph::Node& node);
bool lower_added_padding(Lowering& lowering, const graph::Node& node);

}  // namespace hasten::engine
