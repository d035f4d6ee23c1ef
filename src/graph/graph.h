// Graph: a classifier as ONNX describes it, in memory, open to change.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/tensor.h"

namespace hasten::graph {

class Graph;

// Index of a value in its graph. Never reused within one graph.
enum class ValueId : std::int32_t {};
// "No value": an optional input or output that is left out.
inline constexpr ValueId k_no_value{-1};

// Index of a node in its graph. Never reused within one graph.
enum class NodeId : std::int32_t {};
inline constexpr NodeId k_no_node{-1};

// One dimension: a number, a named unknown such as "batch_size", or nothing known (empty name).
struct Dim {
  std::int64_t size = -1;  // -1: unknown
  std::string name;
  bool known() const { return size >= 0; }
  bool operator==(const Dim&) const = default;
};

using Shape = std::vector<Dim>;

// What an edge of the graph carries. A value is a graph input, a constant (an initialiser) or the
// output of exactly one node.
struct Value {
  std::string name;  // unique in the graph, never empty
  std::optional<DType> dtype;
  std::optional<Shape> shape;      // nothing: even the rank is unknown
  std::optional<Tensor> constant;  // the initialiser's data
};

// A graph attribute is the body of If, Loop and the like. What a body reads from outside itself is
// made explicit: such values are appended to the inputs of the node, after the operator's own, and
// to the inputs of each of its bodies in the same order; the attribute k_captured_attribute counts
// them.
using Attribute =
    std::variant<std::int64_t, float, std::string, Tensor, std::vector<std::int64_t>,
                 std::vector<float>, std::vector<std::string>, std::shared_ptr<const Graph>>;

inline constexpr std::string_view k_captured_attribute = "hasten.captured";

inline constexpr std::string_view k_onnx_domain = "";
inline constexpr std::string_view k_microsoft_domain = "com.microsoft";

struct Node {
  std::string name;  // for people; may be empty, need not be unique
  std::string op_type;
  std::string domain;  // k_onnx_domain or another
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::map<std::string, Attribute> attributes;

  bool is(std::string_view type, std::string_view in_domain = k_onnx_domain) const {
    return op_type == type && domain == in_domain;
  }
  // The attribute, or `fallback` when it is absent; throws k_malformed when it is of another type.
  std::int64_t integer(std::string_view attribute, std::int64_t fallback) const;
  float number(std::string_view attribute, float fallback) const;
  std::string text(std::string_view attribute, std::string fallback) const;
  std::vector<std::int64_t> integers(std::string_view attribute,
                                     std::vector<std::int64_t> fallback) const;
};

// Nodes are kept in an order in which every node follows those that it reads from; passes may break
// the order and restore it with sort(). References to nodes and values stay valid while others are
// added. Single-threaded. Copying is cheap beside the weights, which are shared.
class Graph {
 public:
  // --- building -------------------------------------------------------------------------------
  // `name` is made unique by a suffix when it is taken, and invented when it is empty.
  ValueId add_value(std::string name, std::optional<DType> dtype = {},
                    std::optional<Shape> shape = {});
  ValueId add_input(std::string name, DType dtype, Shape shape);
  ValueId add_constant(std::string name, Tensor tensor);
  void add_output(ValueId value) { outputs_.push_back(value); }
  // `value` becomes the only output; what led to others alone is removed.
  void keep_output(ValueId value);
  // Comes last in the order. A domain that `opsets` lacks is entered there as version 1.
  NodeId add_node(Node node);
  // A node with one output, whose value is made here and returned.
  ValueId add_op(std::string op_type, std::vector<ValueId> inputs,
                 std::map<std::string, Attribute> attributes = {}, const std::string& name = {},
                 std::string domain = {});

  // --- reading --------------------------------------------------------------------------------
  const std::vector<ValueId>& inputs() const { return inputs_; }
  const std::vector<ValueId>& outputs() const { return outputs_; }
  // Live nodes in order.
  const std::vector<NodeId>& order() const { return order_; }
  const Node& node(NodeId id) const { return nodes_[static_cast<std::size_t>(id)]; }
  Node& node(NodeId id) { return nodes_[static_cast<std::size_t>(id)]; }
  const Value& value(ValueId id) const { return values_[static_cast<std::size_t>(id)]; }
  Value& value(ValueId id) { return values_[static_cast<std::size_t>(id)]; }
  std::size_t value_count() const { return values_.size(); }
  ValueId find_value(std::string_view name) const;  // k_no_value when there is none

  bool is_constant(ValueId id) const { return id != k_no_value && value(id).constant.has_value(); }
  bool is_output(ValueId id) const;

  // The node that computes a value (k_no_node for inputs and constants) and the nodes that read it,
  // a node that reads it twice counted once. Both are kept up to date by every member function;
  // call reindex() after changing Node::inputs or Node::outputs directly.
  NodeId producer(ValueId id) const;
  const std::vector<NodeId>& consumers(ValueId id) const;
  void reindex();

  // --- changing -------------------------------------------------------------------------------
  // Every reader of `from`, graph outputs included, reads `to` instead; only the node that computes
  // `to` may go on reading `from`. An output keeps its name: when `from` is an output, `to` takes
  // over its name, or, being an input or another output itself, is copied to it by a new Identity.
  void replace_uses(ValueId from, ValueId to);
  // `name` is made unique by a suffix when another value has it.
  void rename(ValueId id, std::string name);
  // Its outputs stay, computed by nobody, until another node has them or remove_dead() drops them.
  void remove_node(NodeId id);
  // Removes nodes that no output depends on, and constants that nobody reads; what is removed must
  // not be used again. Returns how many nodes.
  std::size_t remove_dead();
  // Restores the topological order, stable; throws k_malformed on a cycle.
  void sort();

  // --- of the whole model ---------------------------------------------------------------------
  std::string name;
  std::string doc;
  std::int64_t ir_version = 8;
  std::map<std::string, std::int64_t> opsets;   // domain -> version
  std::map<std::string, std::string> metadata;  // ONNX's metadata_props, see model_metadata.h
  std::string producer_name;
  std::string producer_version;

 private:
  std::string unique_name(std::string wanted);
  void give_name(ValueId id, std::string name);
  void index_node(NodeId id);
  void replace_output(ValueId from, ValueId to);
  std::vector<bool> find_live_nodes() const;
  void release_unused_values();

  std::deque<Value> values_;
  std::deque<Node> nodes_;
  std::vector<NodeId> order_;
  std::vector<ValueId> inputs_;
  std::vector<ValueId> outputs_;
  std::map<std::string, ValueId, std::less<>> by_name_;
  std::map<std::string, std::int64_t, std::less<>> next_suffix_;
  std::vector<NodeId> producers_;
  std::vector<std::vector<NodeId>> consumers_;
};

}  // namespace hasten::graph
