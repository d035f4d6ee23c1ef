#include "graph/dump.h"

#include <fmt/format.h>

#include <cmath>

#include "base/json.h"
#include "graph/text_form.h"

namespace hasten::graph {
namespace {

bool is_bare_name(std::string_view name) {
  if (name == "_" || name == "input" || name == "const" || name == "output" || name == "opset") {
    return false;
  }
  return !name.empty() && name.find_first_not_of(text_form::k_name_characters) == name.npos;
}

std::string quote(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string name_text(std::string_view name) {
  return is_bare_name(name) ? std::string(name) : quote(name);
}

// A decimal point or an exponent tells a float from an integer.
std::string float_text(double value, bool single) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::string text =
      single ? fmt::format("{}", static_cast<float>(value)) : fmt::format("{}", value);
  if (text.find_first_of(".e") == text.npos) text += ".0";
  return text;
}

std::string type_text(const std::optional<DType>& dtype, const std::optional<Shape>& shape) {
  std::string out(dtype ? name_of(*dtype) : (shape ? "?" : ""));
  if (!shape) return out;
  out += '[';
  for (const Dim& dim : *shape) {
    if (out.back() != '[') out += ", ";
    if (dim.known()) {
      out += std::to_string(dim.size);
    } else {
      out += dim.name.empty() ? "?" : name_text(dim.name);
    }
  }
  return out + ']';
}

std::string elements_text(const Tensor& tensor) {
  if (tensor.size() > text_form::k_max_elements) return " ...";
  std::string out;
  if (is_floating(tensor.dtype)) {
    for (const double value : to_float64(tensor)) {
      out += ' ' + float_text(value, tensor.dtype != DType::k_float64);
    }
  } else {
    for (const std::int64_t value : to_int64(tensor)) out += fmt::format(" {}", value);
  }
  return out;
}

std::string tensor_text(const Tensor& tensor) {
  Shape shape;
  for (const std::int64_t size : tensor.dims) shape.push_back({size, {}});
  return type_text(tensor.dtype, shape) + " =" + elements_text(tensor);
}

std::string graph_text(const Graph& graph, std::string_view separator, int depth);

struct AttributeText {
  int depth;

  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(float value) const { return float_text(value, true); }
  std::string operator()(const std::string& value) const { return quote(value); }
  std::string operator()(const Tensor& value) const { return "tensor(" + tensor_text(value) + ')'; }
  std::string operator()(const std::shared_ptr<const Graph>& value) const {
    if (value == nullptr || depth >= text_form::k_max_depth) return "graph{...}";
    return "graph{" + graph_text(*value, "; ", depth + 1) + '}';
  }
  template <typename T>
  std::string operator()(const std::vector<T>& values) const {
    if (values.empty() && std::is_same_v<T, float>) return "floats[]";
    if (values.empty() && std::is_same_v<T, std::string>) return "texts[]";
    std::string out = "[";
    for (const T& value : values) out += (out.size() > 1 ? ", " : "") + (*this)(value);
    return out + ']';
  }
};

std::string inputs_text(const Graph& graph, const Node& node) {
  std::string out;
  for (const ValueId input : node.inputs) {
    if (!out.empty()) out += ", ";
    out += input == k_no_value ? "_" : name_text(graph.value(input).name);
  }
  return out;
}

std::string node_text(const Graph& graph, const Node& node, int depth) {
  std::string out;
  for (const ValueId output : node.outputs) {
    if (!out.empty()) out += ", ";
    if (output == k_no_value) {
      out += '_';
      continue;
    }
    const Value& value = graph.value(output);
    const std::string type = type_text(value.dtype, value.shape);
    out += name_text(value.name) + (type.empty() ? "" : ' ' + type);
  }
  out += out.empty() ? "= " : " = ";
  if (node.domain != k_onnx_domain) out += node.domain + '.';
  out += node.op_type + '(' + inputs_text(graph, node) + ')';
  std::string attributes;
  for (const auto& [name, attribute] : node.attributes) {
    attributes += fmt::format("{}{}={}", attributes.empty() ? "" : ", ", name_text(name),
                              std::visit(AttributeText{depth}, attribute));
  }
  return attributes.empty() ? out : out + " {" + attributes + '}';
}

std::string graph_text(const Graph& graph, std::string_view separator, int depth) {
  std::string out;
  const auto add_line = [&](const std::string& line) {
    out += line;
    out += separator;
  };
  for (const auto& [domain, version] : graph.opsets) {
    add_line(fmt::format("opset {}{}", domain.empty() ? "" : domain + ' ', version));
  }
  for (const ValueId id : graph.inputs()) {
    const Value& value = graph.value(id);
    add_line("input " + name_text(value.name) + ' ' + type_text(value.dtype, value.shape));
  }
  for (std::size_t index = 0; index < graph.value_count(); ++index) {
    const Value& value = graph.value(static_cast<ValueId>(index));
    if (value.constant) {
      add_line("const " + name_text(value.name) + ' ' + tensor_text(*value.constant));
    }
  }
  for (const NodeId id : graph.order()) add_line(node_text(graph, graph.node(id), depth));
  for (const ValueId id : graph.outputs()) add_line("output " + name_text(graph.value(id).name));
  return out;
}

}  // namespace

std::string dump(const Graph& graph) {
  return graph_text(graph, "\n", 0);
}

}  // namespace hasten::graph
