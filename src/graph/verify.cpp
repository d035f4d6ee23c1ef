#include "graph/verify.h"

#include <fmt/format.h>

#include <set>

#include "base/error.h"

namespace hasten::graph {
namespace {

constexpr int k_max_depth = 64;  // of bodies within bodies

class Verifier {
 public:
  Verifier(const Graph& graph, int depth) : graph_(graph), depth_(depth) {}

  void run() {
    if (depth_ > k_max_depth) fail_at("its bodies are nested more than 64 deep", graph_.name);
    available_.assign(graph_.value_count(), false);
    readers_.assign(graph_.value_count(), {});
    producers_.assign(graph_.value_count(), k_no_node);
    check_sources();
    for (const NodeId id : graph_.order()) check_node(id);
    for (const ValueId output : graph_.outputs()) check_output(output);
    check_index();
    check_names();
  }

 private:
  [[noreturn]] void fail_at(const std::string& what, const std::string& where) const {
    fail(ErrorCode::k_malformed, "the graph is not well-formed: " + what, where);
  }

  std::string describe(const Node& node) const {
    return fmt::format("node {} ({})", node.name, node.op_type);
  }

  bool in_range(ValueId id) const {
    return id >= ValueId{0} && static_cast<std::size_t>(id) < graph_.value_count();
  }

  void check_sources() {
    for (const ValueId input : graph_.inputs()) {
      if (!in_range(input)) fail_at("an input that is no value", graph_.name);
      if (available_[static_cast<std::size_t>(input)]) {
        fail_at("an input is listed twice", graph_.value(input).name);
      }
      if (graph_.is_constant(input)) {
        fail_at("an input is a constant as well", graph_.value(input).name);
      }
      available_[static_cast<std::size_t>(input)] = true;
    }
    for (std::size_t index = 0; index < graph_.value_count(); ++index) {
      const Value& value = graph_.value(static_cast<ValueId>(index));
      if (!value.constant) continue;
      available_[index] = true;
      const Tensor& tensor = *value.constant;
      make_view(value.name, tensor.dtype, tensor.dims, tensor.bytes, nullptr);
    }
  }

  void check_node(NodeId id) {
    const Node& node = graph_.node(id);
    for (const ValueId input : node.inputs) {
      if (input == k_no_value) continue;
      if (!in_range(input)) fail_at("a node reads what is no value", describe(node));
      if (!available_[static_cast<std::size_t>(input)]) {
        fail_at(fmt::format("{} is read before it is computed", graph_.value(input).name),
                describe(node));
      }
      readers_[static_cast<std::size_t>(input)].insert(id);
    }
    for (const ValueId output : node.outputs) {
      if (output == k_no_value) continue;
      if (!in_range(output)) fail_at("a node computes what is no value", describe(node));
      if (available_[static_cast<std::size_t>(output)]) {
        fail_at(fmt::format("{} has two sources", graph_.value(output).name), describe(node));
      }
      available_[static_cast<std::size_t>(output)] = true;
      producers_[static_cast<std::size_t>(output)] = id;
    }
    check_bodies(node);
  }

  void check_bodies(const Node& node) const {
    const std::int64_t captured = node.integer(k_captured_attribute, 0);
    if (captured < 0 || captured > static_cast<std::int64_t>(node.inputs.size())) {
      fail_at("more inputs are captured than there are", describe(node));
    }
    for (const auto& [name, attribute] : node.attributes) {
      const auto* body = std::get_if<std::shared_ptr<const Graph>>(&attribute);
      if (body == nullptr) continue;
      if (*body == nullptr) fail_at(fmt::format("attribute {} has no body", name), describe(node));
      if (static_cast<std::int64_t>((*body)->inputs().size()) < captured) {
        fail_at("a body lacks the inputs that it captures", describe(node));
      }
      Verifier(**body, depth_ + 1).run();
    }
  }

  void check_output(ValueId id) const {
    if (!in_range(id)) fail_at("an output that is no value", graph_.name);
    if (!available_[static_cast<std::size_t>(id)]) {
      fail_at("an output that nothing computes", graph_.value(id).name);
    }
  }

  void check_index() const {
    for (std::size_t index = 0; index < graph_.value_count(); ++index) {
      const auto id = static_cast<ValueId>(index);
      const std::vector<NodeId>& listed = graph_.consumers(id);
      if (graph_.producer(id) != producers_[index] ||
          std::set<NodeId>(listed.begin(), listed.end()) != readers_[index] ||
          listed.size() != readers_[index].size()) {
        fail_at("the index of producers and consumers is stale", graph_.value(id).name);
      }
    }
  }

  void check_names() const {
    std::set<std::string_view> names;
    for (std::size_t index = 0; index < graph_.value_count(); ++index) {
      if (!available_[index]) continue;
      const std::string& name = graph_.value(static_cast<ValueId>(index)).name;
      if (name.empty()) fail_at("a value without a name", graph_.name);
      if (!names.insert(name).second) fail_at("two values have one name", name);
    }
  }

  const Graph& graph_;
  const int depth_;
  std::vector<bool> available_;
  std::vector<std::set<NodeId>> readers_;
  std::vector<NodeId> producers_;
};

}  // namespace

void verify(const Graph& graph) {
  Verifier(graph, 0).run();
}

}  // namespace hasten::graph
