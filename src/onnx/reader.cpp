#include "onnx/reader.h"

#include "base/error.h"
#include "base/mapped_file.h"
#include "onnx/graph_reader.h"
#include "onnx/message.h"
#include "onnx/tensor_reader.h"

namespace hasten::onnx {
namespace {

// Field numbers are those of onnx.proto.

std::pair<std::string, std::string> read_entry(Message message) {
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

OpsetImport read_opset(Message message) {
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

Function read_function(Message message, GraphReader& reader) {
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
        function.nodes.push_back(reader.node(message.message()));
        break;
      case bytes_field(9):
        function.opsets.push_back(read_opset(message.message()));
        break;
      case bytes_field(10):
        function.domain = message.text();
        break;
      case bytes_field(11):
        function.defaults.push_back(reader.attribute(message.message()));
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

Model read_fields(Message message, ExternalData* external) {
  GraphReader reader(external);
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
        model.graph = reader.graph(message.message());
        break;
      case bytes_field(8):
        model.opsets.push_back(read_opset(message.message()));
        break;
      case bytes_field(14):
        model.metadata.push_back(read_entry(message.message()));
        break;
      case bytes_field(25):
        model.functions.push_back(read_function(message.message(), reader));
        break;
      default:
        message.skip();
    }
  }
  return model;
}

ReadContext make_context(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                         std::string where) {
  const auto* begin = reinterpret_cast<const char*>(bytes.data());
  return {std::move(where), begin, begin, std::move(owner)};
}

Model read(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, std::string where,
           ExternalData* external) {
  ReadContext context = make_context(bytes, std::move(owner), std::move(where));
  Model model = reading(context, [&] {
    return read_fields(Message({context.begin, bytes.size()}, context), external);
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
