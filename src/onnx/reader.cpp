#include "onnx/reader.h"

#include "base/error.h"
#include "base/mapped_file.h"
#include "onnx/message.h"
#include "onnx/tensor_reader.h"
#include "onnx/value_info_reader.h"

namespace hasten::onnx {
namespace {

constexpr int k_max_depth = 64;  // of graphs within graphs

// Field numbers are those of onnx.proto.
class Reader {
 public:
  explicit Reader(ExternalData* external) : external_(external) {}

  Model model(Message message) {
    Model model;
    while (message.next()) {
      switch (message.field()) {
        case varint_field(1):
          model.ir_version = message.integer();
          break;
        case bytes_field(2):
          model.producer_name = message.text();
          break;
        case bytes_field(3):
          model.producer_version = message.text();
          break;
        case bytes_field(7):
          model.graph = graph(message.message());
          break;
        case bytes_field(8):
          model.opsets.push_back(opset(message.message()));
          break;
        case bytes_field(14):
          model.metadata.push_back(entry(message.message()));
          break;
        case bytes_field(25):
          model.functions.push_back(function(message.message()));
          break;
        default:
          message.skip();
      }
    }
    return model;
  }

 private:
  static std::pair<std::string, std::string> entry(Message message) {
    std::pair<std::string, std::string> entry;
    while (message.next()) {
      switch (message.field()) {
        case bytes_field(1):
          entry.first = message.text();
          break;
        case bytes_field(2):
          entry.second = message.text();
          break;
        default:
          message.skip();
      }
    }
    return entry;
  }

  static OpsetImport opset(Message message) {
    OpsetImport opset{{}, 0};
    while (message.next()) {
      switch (message.field()) {
        case bytes_field(1):
          opset.first = message.text();
          break;
        case varint_field(2):
          opset.second = message.integer();
          break;
        default:
          message.skip();
      }
    }
    return opset;
  }

  Graph graph(Message message) {
    if (++depth_ > k_max_depth) message.context().fail_here("graphs are nested more than 64 deep");
    Graph graph;
    while (message.next()) {
      switch (message.field()) {
        case bytes_field(1):
          graph.nodes.push_back(node(message.message()));
          break;
        case bytes_field(2):
          graph.name = message.text();
          break;
        case bytes_field(5):
          graph.initializers.push_back(read_tensor(message.message(), external_));
          break;
        case bytes_field(10):
          graph.doc = message.text();
          break;
        case bytes_field(11):
          graph.inputs.push_back(read_value_info(message.message()));
          break;
        case bytes_field(12):
          graph.outputs.push_back(read_value_info(message.message()));
          break;
        case bytes_field(13):
          graph.values.push_back(read_value_info(message.message()));
          break;
        case bytes_field(15):
          fail(ErrorCode::k_unsupported, "sparse initialisers are not supported",
               message.context().where);
        default:
          message.skip();
      }
    }
    --depth_;
    return graph;
  }

  Node node(Message message) {
    Node node;
    while (message.next()) {
      switch (message.field()) {
        case bytes_field(1):
          node.inputs.push_back(message.text());
          break;
        case bytes_field(2):
          node.outputs.push_back(message.text());
          break;
        case bytes_field(3):
          node.name = message.text();
          break;
        case bytes_field(4):
          node.op_type = message.text();
          break;
        case bytes_field(5):
          node.attributes.push_back(attribute(message.message()));
          break;
        case bytes_field(7):
          node.domain = message.text();
          break;
        case bytes_field(8):
          node.overload = message.text();
          break;
        default:
          message.skip();
      }
    }
    return node;
  }

  // An attribute may have several fields filled in; its type says which counts. Files without a
  // type (before IR version 2) have one.
  Attribute attribute(Message message) {
    Attribute attribute;
    std::int64_t type = 0;
    AttributeFields fields;
    while (message.next()) {
      switch (message.field()) {
        case bytes_field(1):
          attribute.name = message.text();
          break;
        case varint_field(20):
          type = message.integer();
          break;
        case bytes_field(21):
          attribute.reference = message.text();
          break;
        default:
          attribute_field(message, fields);
      }
    }
    attribute.value = pick(std::move(fields), type);
    return attribute;
  }

  // By AttributeType: FLOAT 1, INT 2, STRING 3, TENSOR 4, GRAPH 5, FLOATS 6, INTS 7, STRINGS 8.
  struct AttributeFields {
    float number = 0;
    std::int64_t integer = 0;
    std::string text;
    std::optional<Tensor> tensor;
    std::shared_ptr<const Graph> body;
    std::vector<float> numbers;
    std::vector<std::int64_t> integers;
    std::vector<std::string> texts;
    std::int64_t seen = 0;  // the type of the last field
  };

  void attribute_field(Message& message, AttributeFields& fields) {
    switch (message.field()) {
      case fixed32_field(2):
        fields.number = message.number();
        fields.seen = 1;
        break;
      case varint_field(3):
        fields.integer = message.integer();
        fields.seen = 2;
        break;
      case bytes_field(4):
        fields.text = message.text();
        fields.seen = 3;
        break;
      case bytes_field(5):
        fields.tensor = read_tensor(message.message(), external_).tensor;
        fields.seen = 4;
        break;
      case bytes_field(6):
        fields.body = std::make_shared<const Graph>(graph(message.message()));
        fields.seen = 5;
        break;
      case fixed32_field(7):
      case bytes_field(7):
        message.append_floats(fields.numbers);
        fields.seen = 6;
        break;
      case varint_field(8):
      case bytes_field(8):
        message.append_integers(fields.integers);
        fields.seen = 7;
        break;
      case bytes_field(9):
        fields.texts.push_back(message.text());
        fields.seen = 8;
        break;
      default:
        message.skip();
    }
  }

  static AttributeValue pick(AttributeFields fields, std::int64_t type) {
    switch (type == 0 ? fields.seen : type) {
      case 1:
        return fields.number;
      case 2:
        return fields.integer;
      case 3:
        return std::move(fields.text);
      case 4:
        return fields.tensor ? AttributeValue(std::move(*fields.tensor)) : AttributeValue();
      case 5:
        return fields.body ? AttributeValue(std::move(fields.body)) : AttributeValue();
      case 6:
        return std::move(fields.numbers);
      case 7:
        return std::move(fields.integers);
      case 8:
        return std::move(fields.texts);
      default:
        return {};
    }
  }

  Function function(Message message) {
    Function function;
    while (message.next()) {
      switch (message.field()) {
        case bytes_field(1):
          function.name = message.text();
          break;
        case bytes_field(4):
          function.inputs.push_back(message.text());
          break;
        case bytes_field(5):
          function.outputs.push_back(message.text());
          break;
        case bytes_field(6):
          function.attributes.push_back(message.text());
          break;
        case bytes_field(7):
          function.nodes.push_back(node(message.message()));
          break;
        case bytes_field(9):
          function.opsets.push_back(opset(message.message()));
          break;
        case bytes_field(10):
          function.domain = message.text();
          break;
        case bytes_field(11):
          function.defaults.push_back(attribute(message.message()));
          break;
        case bytes_field(13):
          function.overload = message.text();
          break;
        default:
          message.skip();
      }
    }
    return function;
  }

  ExternalData* external_;
  int depth_ = 0;
};

ReadContext make_context(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                         std::string where) {
  const auto* begin = reinterpret_cast<const char*>(bytes.data());
  return {std::move(where), begin, begin, std::move(owner)};
}

Model read(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, std::string where,
           ExternalData* external) {
  ReadContext context = make_context(bytes, std::move(owner), std::move(where));
  Model model = reading(context, [&] {
    return Reader(external).model(Message({context.begin, bytes.size()}, context));
  });
  if (model.ir_version == 0 && model.graph.nodes.empty() && model.opsets.empty()) {
    fail(ErrorCode::k_malformed, "there is no ONNX model in it", context.where,
         "another kind of file was given");
  }
  return model;
}

}  // namespace

Model load_model(const std::filesystem::path& path) {
  const auto file = MappedFile::open(path);
  ExternalData external(path);
  return read(file->bytes(), file, path.string(), &external);
}

Model read_model(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                 std::string where) {
  return read(bytes, std::move(owner), std::move(where), nullptr);
}

NamedTensor load_tensor(const std::filesystem::path& path) {
  const auto file = MappedFile::open(path);
  ReadContext context = make_context(file->bytes(), file, path.string());
  return reading(context, [&] {
    return read_tensor(Message({context.begin, file->bytes().size()}, context), nullptr);
  });
}

}  // namespace hasten::onnx
