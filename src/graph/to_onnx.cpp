#include "graph/to_onnx.h"

#include <algorithm>
#include <set>

#include "base/onnx_dtype.h"
#include "onnx/writer.h"

namespace hasten::graph {
namespace {

constexpr std::int64_t k_oldest_ir_version = 4;  // from which initialisers need not be inputs

onnx::ValueInfo describe(const std::string& name, const Value& value) {
  onnx::ValueInfo info;
  info.name = name;
  if (value.dtype) info.element_type = onnx_code_of(*value.dtype);
  if (!value.shape) return info;
  info.shape.emplace();
  for (const Dim& dim : *value.shape) {
    info.shape->push_back({dim.known() ? std::optional(dim.size) : std::nullopt, dim.name});
  }
  return info;
}

// Names that no other value of the model has: bodies must not repeat those of the graphs around
// them.
class NameRegistry {
 public:
  std::string claim(const std::string& wanted) {
    std::string name = wanted;
    for (std::int64_t suffix = 1; !taken_.insert(name).second; ++suffix) {
      name = wanted + '_' + std::to_string(suffix);
    }
    return name;
  }

 private:
  std::set<std::string> taken_;
};

class GraphExport {
 public:
  GraphExport(const Graph& graph, NameRegistry& registry)
      : graph_(graph), registry_(registry), names_(graph.value_count()) {}

  // `captured`: names of the outer values that the last inputs stand for.
  onnx::Graph run(const std::vector<std::string>& captured) {
    onnx::Graph out;
    out.name = graph_.name.empty() ? "main" : graph_.name;
    out.doc = graph_.doc;
    const std::size_t own_inputs = graph_.inputs().size() - captured.size();
    for (std::size_t index = 0; index < graph_.inputs().size(); ++index) {
      const ValueId id = graph_.inputs()[index];
      name(id) = index < own_inputs ? registry_.claim(graph_.value(id).name)
                                    : captured[index - own_inputs];
      if (index < own_inputs) out.inputs.push_back(describe(name(id), graph_.value(id)));
    }
    add_constants(out);
    for (const NodeId id : graph_.order()) claim_outputs(graph_.node(id), out);
    for (const ValueId id : graph_.outputs())
      out.outputs.push_back(describe(name(id), graph_.value(id)));
    for (const NodeId id : graph_.order()) out.nodes.push_back(convert(graph_.node(id)));
    return out;
  }

 private:
  std::string& name(ValueId id) { return names_[static_cast<std::size_t>(id)]; }

  void add_constants(onnx::Graph& out) {
    for (std::size_t index = 0; index < graph_.value_count(); ++index) {
      const auto id = static_cast<ValueId>(index);
      const Value& value = graph_.value(id);
      if (!value.constant || (graph_.consumers(id).empty() && !graph_.is_output(id))) continue;
      name(id) = registry_.claim(value.name);
      out.initializers.push_back({name(id), *value.constant});
    }
  }

  void claim_outputs(const Node& node, onnx::Graph& out) {
    for (const ValueId id : node.outputs) {
      if (id == k_no_value) continue;
      name(id) = registry_.claim(graph_.value(id).name);
      const Value& value = graph_.value(id);
      if (value.dtype && !graph_.is_output(id)) out.values.push_back(describe(name(id), value));
    }
  }

  onnx::Node convert(const Node& node) {
    onnx::Node out;
    out.name = node.name;
    out.op_type = node.op_type;
    out.domain = node.domain;
    for (const ValueId id : node.inputs)
      out.inputs.push_back(id == k_no_value ? std::string() : name(id));
    for (const ValueId id : node.outputs)
      out.outputs.push_back(id == k_no_value ? std::string() : name(id));
    const auto count = static_cast<std::ptrdiff_t>(node.integer(k_captured_attribute, 0));
    const std::vector<std::string> captured(out.inputs.end() - count, out.inputs.end());
    out.inputs.resize(out.inputs.size() - captured.size());
    for (const auto& [key, attribute] : node.attributes) {
      if (key != k_captured_attribute)
        out.attributes.push_back({key, {}, convert(attribute, captured)});
    }
    return out;
  }

  onnx::AttributeValue convert(const Attribute& attribute,
                               const std::vector<std::string>& captured) {
    return std::visit(
        [&](const auto& held) -> onnx::AttributeValue {
          if constexpr (std::is_same_v<std::decay_t<decltype(held)>,
                                       std::shared_ptr<const Graph>>) {
            return std::make_shared<const onnx::Graph>(GraphExport(*held, registry_).run(captured));
          } else {
            return held;
          }
        },
        attribute);
  }

  const Graph& graph_;
  NameRegistry& registry_;
  std::vector<std::string> names_;  // as written, by value
};

}  // namespace

void save_onnx(const Graph& graph, const std::filesystem::path& path, const SaveLimits& limits) {
  onnx::Model model;
  model.ir_version = std::max(graph.ir_version, k_oldest_ir_version);
  model.producer_name = graph.producer_name;
  model.producer_version = graph.producer_version;
  model.opsets.assign(graph.opsets.begin(), graph.opsets.end());
  model.metadata.assign(graph.metadata.begin(), graph.metadata.end());
  NameRegistry registry;
  model.graph = GraphExport(graph, registry).run({});
  onnx::WriteLimits write_limits;
  write_limits.max_file_bytes = limits.max_file_bytes;
  write_limits.external = limits.external;
  onnx::save_model(model, path, write_limits);
}

}  // namespace hasten::graph
