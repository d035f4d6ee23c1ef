#include "onnx/encoder.h"

#include <cassert>

#include "base/onnx_dtype.h"

namespace hasten::onnx {
namespace {

// Field numbers are those of onnx.proto.
class Encoder {
 public:
  explicit Encoder(const ExternalPlan& external) : external_(external) {}

  Pieces model(const Model& model) const {
    Pieces out;
    out.add_integer(1, model.ir_version);
    if (!model.producer_name.empty()) out.add_text(2, model.producer_name);
    if (!model.producer_version.empty()) out.add_text(3, model.producer_version);
    for (const auto& [domain, version] : model.opsets) {
      Pieces opset;
      opset.add_text(1, domain);
      opset.add_integer(2, version);
      out.add_message(8, std::move(opset));
    }
    for (const auto& [key, value] : model.metadata) out.add_message(14, entry(key, value));
    out.add_message(7, graph(model.graph, true));
    return out;
  }

 private:
  static Pieces entry(const std::string& key, const std::string& value) {
    Pieces out;
    out.add_text(1, key);
    out.add_text(2, value);
    return out;
  }

  Pieces graph(const Graph& graph, bool main = false) const {
    Pieces out;
    out.add_text(2, graph.name);
    if (!graph.doc.empty()) out.add_text(10, graph.doc);
    for (const ValueInfo& info : graph.inputs) out.add_message(11, value_info(info));
    for (const ValueInfo& info : graph.outputs) out.add_message(12, value_info(info));
    for (const ValueInfo& info : graph.values) out.add_message(13, value_info(info));
    for (const Node& each : graph.nodes) out.add_message(1, node(each));
    for (const NamedTensor& each : graph.initializers) {
      out.add_message(5, tensor(each.name, each.tensor, main));
    }
    return out;
  }

  Pieces node(const Node& node) const {
    Pieces out;
    for (const std::string& input : node.inputs) out.add_text(1, input);
    for (const std::string& output : node.outputs) out.add_text(2, output);
    if (!node.name.empty()) out.add_text(3, node.name);
    out.add_text(4, node.op_type);
    for (const Attribute& each : node.attributes) out.add_message(5, attribute(each));
    if (!node.domain.empty()) out.add_text(7, node.domain);
    return out;
  }

  // The second number is the AttributeType.
  Pieces attribute(const Attribute& attribute) const {
    Pieces out;
    out.add_text(1, attribute.name);
    std::int64_t type = 0;
    if (const auto* number = std::get_if<float>(&attribute.value)) {
      out.add_float(2, *number), type = 1;
    } else if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
      out.add_integer(3, *integer), type = 2;
    } else if (const auto* text = std::get_if<std::string>(&attribute.value)) {
      out.add_text(4, *text), type = 3;
    } else if (const auto* data = std::get_if<Tensor>(&attribute.value)) {
      out.add_message(5, tensor({}, *data, false)), type = 4;
    } else if (const auto* body = std::get_if<std::shared_ptr<const Graph>>(&attribute.value)) {
      out.add_message(6, graph(**body)), type = 5;
    } else if (const auto* numbers = std::get_if<std::vector<float>>(&attribute.value)) {
      out.add_packed(7, *numbers), type = 6;
    } else if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&attribute.value)) {
      out.add_packed(8, *integers), type = 7;
    } else if (const auto* texts = std::get_if<std::vector<std::string>>(&attribute.value)) {
      for (const std::string& each : *texts) out.add_text(9, each);
      type = 8;
    }
    out.add_integer(20, type);
    return out;
  }

  Pieces tensor(const std::string& name, const Tensor& tensor, bool may_be_external) const {
    Pieces out;
    out.add_packed(1, tensor.dims);
    out.add_integer(2, onnx_code_of(tensor.dtype));
    if (!name.empty()) out.add_text(8, name);
    const auto found = external_.offsets.find({tensor.bytes.data(), tensor.bytes.size()});
    if (!may_be_external || found == external_.offsets.end()) {
      out.add_bytes(9, tensor.bytes, tensor.owner);
      return out;
    }
    out.add_message(13, entry("location", external_.location));
    out.add_message(13, entry("offset", std::to_string(found->second)));
    out.add_message(13, entry("length", std::to_string(tensor.bytes.size())));
    out.add_integer(14, 1);
    return out;
  }

  static Pieces value_info(const ValueInfo& info) {
    Pieces type;
    if (info.element_type != 0) type.add_integer(1, info.element_type);
    if (info.shape) type.add_message(2, shape(*info.shape));
    Pieces kind;
    kind.add_message(1, std::move(type));
    Pieces out;
    out.add_text(1, info.name);
    out.add_message(2, std::move(kind));
    return out;
  }

  static Pieces shape(const std::vector<Dimension>& dims) {
    Pieces out;
    for (const Dimension& dim : dims) {
      Pieces each;
      if (dim.size) each.add_integer(1, *dim.size);
      if (!dim.size && !dim.name.empty()) each.add_text(2, dim.name);
      out.add_message(1, std::move(each));
    }
    return out;
  }

  const ExternalPlan& external_;
};

}  // namespace

Pieces encode_model(const Model& model, const ExternalPlan& external) {
  assert(model.functions.empty());
  return Encoder(external).model(model);
}

}  // namespace hasten::onnx
