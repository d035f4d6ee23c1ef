#include "graph/graph_import.h"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/onnx_dtype.h"
#include "graph/free_names.h"
#include "graph/required_inputs.h"

namespace hasten::graph {
namespace {

constexpr int k_max_function_depth = 64;
constexpr std::size_t k_max_nodes = 200'000;  // after functions are inlined

// The call that a function is inlined for: its attributes by name.
using CallAttributes = std::map<std::string, const onnx::AttributeValue*>;

using Scope = std::map<std::string, ValueId, std::less<>>;

std::string describe(const onnx::Node& node) {
  const std::string output = node.outputs.empty() ? "" : ", output " + node.outputs[0];
  return fmt::format("node {} ({}{}{}){}", node.name, node.domain, node.domain.empty() ? "" : ".",
                     node.op_type, output);
}

std::optional<Shape> convert_shape(const onnx::ValueInfo& info) {
  if (!info.shape) return std::nullopt;
  Shape shape;
  for (const onnx::Dimension& dim : *info.shape) {
    if (dim.size && *dim.size >= 0) {
      shape.push_back({*dim.size, {}});
    } else {
      shape.push_back({-1, dim.name});
    }
  }
  return shape;
}

// Builds one graph: the main one or a body.
class GraphImport {
 public:
  GraphImport(ModelImport& import, const CallAttributes* call) : import_(import), call_(call) {
    graph_.opsets = import.opsets;
  }

  // Of the main graph: what is both an input and an initialiser is a constant.
  void add_inputs(const onnx::Graph& source) {
    std::set<std::string_view> constants;
    for (const auto& initializer : source.initializers) constants.insert(initializer.name);
    for (const auto& input : source.inputs) {
      if (constants.contains(input.name)) continue;
      if (!input.is_tensor || !dtype_of_onnx(input.element_type)) {
        fail(ErrorCode::k_unsupported, "input " + input.name + " is no tensor of numbers",
             import_.where);
      }
      add_input(input);
    }
  }

  void add_body_inputs(const onnx::Graph& source) {
    for (const auto& input : source.inputs) add_input(input);
  }

  // A value of an enclosing graph that the body reads.
  void add_captured(const std::string& name, const Value& outer) {
    if (outer.constant) {
      define(name, graph_.add_constant(name, *outer.constant));
      return;
    }
    const ValueId id = graph_.add_input(name, outer.dtype.value_or(DType::k_float32), {});
    graph_.value(id).dtype = outer.dtype;
    graph_.value(id).shape = outer.shape;
    define(name, id);
  }

  Graph run(const onnx::Graph& source) {
    graph_.name = source.name;
    graph_.doc = source.doc;
    for (const auto& initializer : source.initializers) {
      define(initializer.name, graph_.add_constant(initializer.name, initializer.tensor));
    }
    declare_outputs(source.nodes, scope_, {});
    set_types(source);
    for (const onnx::Node& node : source.nodes) add_node(node, scope_, call_, 0);
    for (const auto& output : source.outputs)
      graph_.add_output(resolve(output.name, scope_, "an output"));
    graph_.sort();
    return std::move(graph_);
  }

 private:
  void add_input(const onnx::ValueInfo& info) {
    const auto dtype = dtype_of_onnx(info.element_type);
    const ValueId id = graph_.add_input(info.name, dtype.value_or(DType::k_float32), {});
    graph_.value(id).dtype = dtype;
    graph_.value(id).shape = convert_shape(info);
    define(info.name, id);
  }

  void define(const std::string& name, ValueId id) {
    if (!scope_.emplace(name, id).second) fail_twice(name);
  }

  [[noreturn]] void fail_twice(const std::string& name) const {
    fail(ErrorCode::k_malformed, "two values are named " + name, import_.where);
  }

  // Values for all outputs first, so that the order of the nodes does not matter. `given`: names of
  // a function's outputs, which are values of its caller.
  void declare_outputs(const std::vector<onnx::Node>& nodes, Scope& scope,
                       const std::set<std::string>& given) {
    for (const onnx::Node& node : nodes) {
      for (const std::string& output : node.outputs) {
        if (output.empty() || given.contains(output)) continue;
        if (!scope.emplace(output, graph_.add_value(output)).second) fail_twice(output);
      }
    }
  }

  void set_types(const onnx::Graph& source) {
    const auto set = [&](const onnx::ValueInfo& info) {
      const auto found = scope_.find(info.name);
      if (found == scope_.end()) return;
      Value& value = graph_.value(found->second);
      if (value.constant) return;
      value.dtype = dtype_of_onnx(info.element_type);
      value.shape = convert_shape(info);
    };
    for (const auto& info : source.values) set(info);
    for (const auto& info : source.outputs) set(info);
  }

  ValueId resolve(const std::string& name, const Scope& scope, const std::string& reader) const {
    if (name.empty()) return k_no_value;
    const auto found = scope.find(name);
    if (found != scope.end()) return found->second;
    fail(ErrorCode::k_malformed, "nothing computes " + name, import_.where + ", " + reader);
  }

  void add_node(const onnx::Node& source, const Scope& scope, const CallAttributes* call,
                int depth) {
    if (++import_.node_count > k_max_nodes) {
      fail(ErrorCode::k_unsupported,
           "the model has more than 200,000 nodes once its functions are inlined", import_.where);
    }
    const std::string domain = normalized_domain(source.domain);
    const auto function = import_.functions.find({domain, source.op_type, source.overload});
    if (function != import_.functions.end())
      return inline_function(*function->second, source, scope, call, depth);
    if (source.op_type == "Constant" && domain.empty() && add_constant(source, scope, call)) return;
    Node node{source.name, source.op_type, domain, {}, {}, {}};
    for (const std::string& input : source.inputs)
      node.inputs.push_back(resolve(input, scope, describe(source)));
    for (const std::string& output : source.outputs)
      node.outputs.push_back(resolve(output, scope, describe(source)));
    if (const std::string missing = missing_part(node); !missing.empty()) {
      fail(ErrorCode::k_malformed, missing + " is missing",
           import_.where + ", " + describe(source));
    }
    const std::vector<std::string> captured = captured_names(source, scope);
    for (const std::string& name : captured) node.inputs.push_back(scope.find(name)->second);
    if (!captured.empty()) {
      node.attributes.emplace(k_captured_attribute, static_cast<std::int64_t>(captured.size()));
    }
    for (const auto& attribute : source.attributes) {
      if (attribute.name == k_captured_attribute) continue;
      if (const auto* value = value_of(attribute, call)) {
        node.attributes.emplace(attribute.name,
                                convert(*value, source, attribute.name, scope, captured, call));
      }
    }
    graph_.add_node(std::move(node));
  }

  // Nothing for a reference to an attribute that the caller leaves out.
  static const onnx::AttributeValue* value_of(const onnx::Attribute& attribute,
                                              const CallAttributes* call) {
    if (attribute.reference.empty()) return &attribute.value;
    if (call == nullptr) return nullptr;
    const auto found = call->find(attribute.reference);
    return found == call->end() ? nullptr : found->second;
  }

  // What the bodies of a node read from `scope`, constants left out.
  std::vector<std::string> captured_names(const onnx::Node& node, const Scope& scope) const {
    std::vector<std::string> captured;
    for (const std::string& name : free_names(node)) {
      if (!graph_.is_constant(resolve(name, scope, describe(node)))) captured.push_back(name);
    }
    return captured;
  }

  Attribute convert(const onnx::AttributeValue& value, const onnx::Node& node,
                    const std::string& name, const Scope& scope,
                    const std::vector<std::string>& captured, const CallAttributes* call) {
    return std::visit(
        [&](const auto& held) -> Attribute {
          using Held = std::decay_t<decltype(held)>;
          if constexpr (std::is_same_v<Held, std::monostate>) {
            fail(ErrorCode::k_unsupported,
                 "attribute " + name + " is of a kind that is not supported",
                 import_.where + ", " + describe(node));
          } else if constexpr (std::is_same_v<Held, std::shared_ptr<const onnx::Graph>>) {
            return import_body(*held, scope, captured, call);
          } else {
            return held;
          }
        },
        value);
  }

  std::shared_ptr<const Graph> import_body(const onnx::Graph& body, const Scope& scope,
                                           const std::vector<std::string>& captured,
                                           const CallAttributes* call) {
    GraphImport import(import_, call);
    import.add_body_inputs(body);
    for (const std::string& name : free_names(body)) {
      const Value& outer = graph_.value(scope.find(name)->second);
      if (outer.constant) import.add_captured(name, outer);
    }
    for (const std::string& name : captured)
      import.add_captured(name, graph_.value(scope.find(name)->second));
    return std::make_shared<const Graph>(import.run(body));
  }

  // The value of a Constant node becomes a constant; false for kinds that cannot.
  bool add_constant(const onnx::Node& node, const Scope& scope, const CallAttributes* call) {
    if (node.attributes.size() != 1 || node.outputs.size() != 1) return false;
    const auto* value = value_of(node.attributes[0], call);
    std::optional<Tensor> tensor;
    if (value == nullptr) return false;
    if (const auto* held = std::get_if<Tensor>(value)) tensor = *held;
    if (const auto* held = std::get_if<std::int64_t>(value))
      tensor = make_tensor<std::int64_t>({}, {*held});
    if (const auto* held = std::get_if<float>(value)) tensor = make_tensor<float>({}, {*held});
    if (const auto* held = std::get_if<std::vector<std::int64_t>>(value)) {
      tensor = make_tensor<std::int64_t>({static_cast<std::int64_t>(held->size())}, *held);
    }
    if (const auto* held = std::get_if<std::vector<float>>(value)) {
      tensor = make_tensor<float>({static_cast<std::int64_t>(held->size())}, *held);
    }
    if (!tensor) return false;
    Value& target = graph_.value(resolve(node.outputs[0], scope, describe(node)));
    target.dtype = tensor->dtype;
    target.shape = Shape();
    for (const std::int64_t size : tensor->dims) target.shape->push_back({size, {}});
    target.constant = std::move(tensor);
    return true;
  }

  void inline_function(const onnx::Function& function, const onnx::Node& node, const Scope& outer,
                       const CallAttributes* call, int depth) {
    const std::string where = import_.where + ", " + describe(node);
    if (depth >= k_max_function_depth)
      fail(ErrorCode::k_malformed, "functions call each other without end", where);
    if (node.inputs.size() > function.inputs.size() ||
        node.outputs.size() > function.outputs.size()) {
      fail(ErrorCode::k_malformed, "a function is called with too many inputs or outputs", where);
    }
    Scope scope;
    for (std::size_t index = 0; index < function.inputs.size(); ++index) {
      const bool given = index < node.inputs.size();
      scope[function.inputs[index]] =
          given ? resolve(node.inputs[index], outer, describe(node)) : k_no_value;
    }
    std::set<std::string> given;
    std::vector<std::pair<std::string, ValueId>> copies;  // outputs that are no node's own
    for (std::size_t index = 0; index < node.outputs.size(); ++index) {
      if (node.outputs[index].empty()) continue;
      const ValueId target = resolve(node.outputs[index], outer, describe(node));
      if (!scope.emplace(function.outputs[index], target).second) {
        copies.emplace_back(function.outputs[index], target);
      } else {
        given.insert(function.outputs[index]);
      }
    }
    const CallAttributes attributes = call_attributes(function, node, call);
    declare_outputs(function.nodes, scope, given);
    for (const onnx::Node& each : function.nodes) add_node(each, scope, &attributes, depth + 1);
    for (const auto& [name, target] : copies) {
      graph_.add_node({{}, "Identity", {}, {resolve(name, scope, describe(node))}, {target}, {}});
    }
  }

  static CallAttributes call_attributes(const onnx::Function& function, const onnx::Node& node,
                                        const CallAttributes* call) {
    CallAttributes attributes;
    for (const auto& attribute : function.defaults) attributes[attribute.name] = &attribute.value;
    for (const auto& attribute : node.attributes) {
      if (const auto* value = value_of(attribute, call)) attributes[attribute.name] = value;
    }
    return attributes;
  }

  ModelImport& import_;
  const CallAttributes* call_;
  Graph graph_;
  Scope scope_;
};

}  // namespace

std::string normalized_domain(const std::string& domain) {
  return domain == "ai.onnx" ? std::string(k_onnx_domain) : domain;
}

Graph import_graph(ModelImport& import, const onnx::Graph& source) {
  GraphImport main(import, nullptr);
  main.add_inputs(source);
  return main.run(source);
}

}  // namespace hasten::graph
