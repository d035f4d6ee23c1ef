#include "graph/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <queue>

#include "base/error.h"

namespace hasten::graph {
namespace {

std::size_t index_of(ValueId id) {
  return static_cast<std::size_t>(id);
}
std::size_t index_of(NodeId id) {
  return static_cast<std::size_t>(id);
}

bool contains(const std::vector<ValueId>& ids, ValueId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

void add_once(std::vector<NodeId>& ids, NodeId id) {
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
}

}  // namespace

std::string Graph::unique_name(std::string wanted) {
  const bool invented = wanted.empty();
  if (invented) wanted = "value";
  if (!invented && !by_name_.contains(wanted)) return wanted;
  std::int64_t& suffix = next_suffix_[wanted];
  std::string candidate;
  do {
    candidate = fmt::format("{}_{}", wanted, ++suffix);
  } while (by_name_.contains(candidate));
  return candidate;
}

void Graph::give_name(ValueId id, std::string wanted) {
  values_[index_of(id)].name = unique_name(std::move(wanted));
  by_name_.emplace(values_[index_of(id)].name, id);
}

ValueId Graph::add_value(std::string value_name, std::optional<DType> dtype,
                         std::optional<Shape> shape) {
  const auto id = static_cast<ValueId>(values_.size());
  values_.push_back({{}, dtype, std::move(shape), {}});
  producers_.push_back(k_no_node);
  consumers_.emplace_back();
  give_name(id, std::move(value_name));
  return id;
}

ValueId Graph::add_input(std::string value_name, DType dtype, Shape shape) {
  inputs_.push_back(add_value(std::move(value_name), dtype, std::move(shape)));
  return inputs_.back();
}

ValueId Graph::add_constant(std::string value_name, Tensor tensor) {
  Shape shape;
  for (const std::int64_t size : tensor.dims) shape.push_back({size, {}});
  const ValueId id = add_value(std::move(value_name), tensor.dtype, std::move(shape));
  values_[index_of(id)].constant = std::move(tensor);
  return id;
}

void Graph::index_node(NodeId id) {
  const Node& indexed = nodes_[index_of(id)];
  for (const ValueId input : indexed.inputs) {
    if (input == k_no_value) continue;
    std::vector<NodeId>& readers = consumers_.at(index_of(input));
    if (readers.empty() || readers.back() != id) readers.push_back(id);
  }
  for (const ValueId output : indexed.outputs) {
    if (output != k_no_value) producers_.at(index_of(output)) = id;
  }
}

NodeId Graph::add_node(Node added) {
  const auto id = static_cast<NodeId>(nodes_.size());
  if (added.domain != k_onnx_domain) opsets.try_emplace(added.domain, 1);
  nodes_.push_back(std::move(added));
  order_.push_back(id);
  index_node(id);
  return id;
}

ValueId Graph::add_op(std::string op_type, std::vector<ValueId> inputs,
                      std::map<std::string, Attribute> attributes, const std::string& op_name,
                      std::string domain) {
  const ValueId output = add_value(op_name.empty() ? op_type : op_name);
  // ONNX Runtime refuses two nodes of one name, too.
  add_node({op_name.empty() ? std::string() : value(output).name,
            std::move(op_type),
            std::move(domain),
            std::move(inputs),
            {output},
            std::move(attributes)});
  return output;
}

ValueId Graph::find_value(std::string_view value_name) const {
  const auto found = by_name_.find(value_name);
  return found == by_name_.end() ? k_no_value : found->second;
}

void Graph::keep_output(ValueId id) {
  if (outputs_.size() == 1 && outputs_[0] == id) return;
  outputs_ = {id};
  remove_dead();
}

bool Graph::is_output(ValueId id) const {
  return contains(outputs_, id);
}

NodeId Graph::producer(ValueId id) const {
  return id == k_no_value ? k_no_node : producers_[index_of(id)];
}

const std::vector<NodeId>& Graph::consumers(ValueId id) const {
  assert(id != k_no_value);
  return consumers_[index_of(id)];
}

void Graph::reindex() {
  producers_.assign(values_.size(), k_no_node);
  consumers_.assign(values_.size(), {});
  for (const NodeId id : order_) index_node(id);
}

void Graph::rename(ValueId id, std::string new_name) {
  Value& renamed = values_[index_of(id)];
  if (renamed.name == new_name) return;
  if (find_value(renamed.name) == id) by_name_.erase(renamed.name);
  give_name(id, std::move(new_name));
}

void Graph::replace_output(ValueId from, ValueId to) {
  const std::string output_name = value(from).name;
  ValueId replacement = to;
  if (contains(inputs_, to) || is_output(to)) {
    replacement = add_value({}, value(to).dtype, value(to).shape);
    add_node({{}, "Identity", std::string(k_onnx_domain), {to}, {replacement}, {}});
  }
  rename(from, output_name + "_replaced");
  rename(replacement, output_name);
  std::replace(outputs_.begin(), outputs_.end(), from, replacement);
}

void Graph::replace_uses(ValueId from, ValueId to) {
  if (from == to) return;
  std::vector<NodeId> remaining;
  for (const NodeId id : consumers_[index_of(from)]) {
    if (id == producers_[index_of(to)]) {
      remaining.push_back(id);
      continue;
    }
    std::vector<ValueId>& inputs = nodes_[index_of(id)].inputs;
    std::replace(inputs.begin(), inputs.end(), from, to);
    add_once(consumers_[index_of(to)], id);
  }
  consumers_[index_of(from)] = std::move(remaining);
  if (is_output(from)) replace_output(from, to);
}

void Graph::remove_node(NodeId id) {
  order_.erase(std::remove(order_.begin(), order_.end(), id), order_.end());
  const Node& removed = nodes_[index_of(id)];
  for (const ValueId input : removed.inputs) {
    if (input != k_no_value) std::erase(consumers_[index_of(input)], id);
  }
  for (const ValueId output : removed.outputs) {
    if (output != k_no_value && producers_[index_of(output)] == id) {
      producers_[index_of(output)] = k_no_node;
    }
  }
}

std::vector<bool> Graph::find_live_nodes() const {
  std::vector<bool> live(nodes_.size(), false);
  std::vector<NodeId> pending;
  const auto visit = [&](ValueId id) {
    const NodeId maker = producer(id);
    if (maker == k_no_node || live[index_of(maker)]) return;
    live[index_of(maker)] = true;
    pending.push_back(maker);
  };
  for (const ValueId output : outputs_) visit(output);
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    for (const ValueId input : node(id).inputs) visit(input);
  }
  return live;
}

void Graph::release_unused_values() {
  for (std::size_t index = 0; index < values_.size(); ++index) {
    const auto id = static_cast<ValueId>(index);
    if (producers_[index] != k_no_node || !consumers_[index].empty() || contains(inputs_, id) ||
        is_output(id)) {
      continue;
    }
    values_[index].constant.reset();
    const auto named = by_name_.find(values_[index].name);
    if (named != by_name_.end() && named->second == id) by_name_.erase(named);
  }
}

std::size_t Graph::remove_dead() {
  const std::vector<bool> live = find_live_nodes();
  const std::size_t before = order_.size();
  std::erase_if(order_, [&](NodeId id) { return !live[index_of(id)]; });
  reindex();
  release_unused_values();
  return before - order_.size();
}

void Graph::sort() {
  std::vector<std::size_t> position(nodes_.size(), 0);
  std::vector<std::size_t> missing(nodes_.size(), 0);
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t place = 0; place < order_.size(); ++place) {
    const NodeId id = order_[place];
    position[index_of(id)] = place;
    std::vector<ValueId> distinct = node(id).inputs;
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    for (const ValueId input : distinct) missing[index_of(id)] += producer(input) != k_no_node;
    if (missing[index_of(id)] == 0) ready.push(place);
  }
  std::vector<NodeId> sorted;
  while (!ready.empty()) {
    const NodeId id = order_[ready.top()];
    ready.pop();
    sorted.push_back(id);
    for (const ValueId output : node(id).outputs) {
      if (output == k_no_value) continue;
      for (const NodeId reader : consumers(output)) {
        if (--missing[index_of(reader)] == 0) ready.push(position[index_of(reader)]);
      }
    }
  }
  if (sorted.size() != order_.size()) {
    fail(ErrorCode::k_malformed, "the nodes of the graph depend on each other in a circle", name);
  }
  order_ = std::move(sorted);
}

}  // namespace hasten::graph
