#include "onnx/reader.h"

#include <gmock/gmock.h>

#include <protozero/pbf_writer.hpp>

#include "base/error.h"
#include "onnx/model_for_test.h"

namespace hasten::onnx {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Model parse(const std::string& bytes) {
  auto owner = std::make_shared<const std::string>(bytes);
  return read_model(std::as_bytes(std::span(owner->data(), owner->size())), owner, "test.onnx");
}

std::string failure(const std::string& bytes) {
  try {
    parse(bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

template <typename T>
const T& attribute(const Node& node, std::size_t index) {
  return std::get<T>(node.attributes.at(index).value);
}

TEST(Reader, ReadsBackWhatTheEncoderWrites) {
  const Model model = parse(bytes_of(small_model()));
  EXPECT_EQ(model.ir_version, 8);
  EXPECT_EQ(model.producer_version, "1.2");
  EXPECT_EQ(model.opsets, small_model().opsets);
  EXPECT_EQ(model.metadata, small_model().metadata);
  EXPECT_EQ(model.graph.doc, "a graph");
  ASSERT_EQ(model.graph.initializers.size(), 3U);
  EXPECT_EQ(to_float32(model.graph.initializers[0].tensor), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(to_int64(model.graph.initializers[1].tensor), (std::vector<std::int64_t>{-1, 0, 5}));
  EXPECT_EQ(model.graph.initializers[2].tensor.dims, (Dims{0, 7}));
  const auto& shape = model.graph.inputs.at(0).shape;
  ASSERT_TRUE(shape && shape->size() == 3);
  EXPECT_EQ((*shape)[0].name, "batch");
  EXPECT_EQ((*shape)[1].size, 2);
  EXPECT_FALSE((*shape)[2].size);
  EXPECT_FALSE(model.graph.outputs.at(0).shape);
  EXPECT_TRUE(model.graph.values.at(0).shape->empty());
}

TEST(Reader, ReadsEveryKindOfAttribute) {
  const Model model = parse(bytes_of(small_model()));
  const Node& node = model.graph.nodes.at(1);
  EXPECT_EQ(node.domain, "com.microsoft");
  EXPECT_THAT(node.inputs, ElementsAre("h", "", "i"));
  EXPECT_EQ(attribute<std::int64_t>(node, 0), -3);
  EXPECT_EQ(attribute<float>(node, 1), 0.5F);
  EXPECT_EQ(attribute<std::string>(node, 2), "tanh");
  EXPECT_EQ(to_float32(attribute<Tensor>(node, 3)), std::vector<float>{7});
  EXPECT_THAT(attribute<std::vector<std::int64_t>>(node, 4), ElementsAre(1, -1));
  EXPECT_THAT(attribute<std::vector<float>>(node, 5), ElementsAre(1, 2));
  EXPECT_THAT(attribute<std::vector<std::string>>(node, 6), ElementsAre("a", ""));
  EXPECT_EQ(attribute<std::shared_ptr<const Graph>>(node, 7)->nodes.at(0).op_type, "Exp");
  EXPECT_TRUE(attribute<std::vector<std::int64_t>>(node, 8).empty());
}

TEST(Reader, LeavesTensorsWhereTheyLie) {
  auto owner = std::make_shared<const std::string>(bytes_of(small_model()));
  const Model model =
      read_model(std::as_bytes(std::span(owner->data(), owner->size())), owner, "test.onnx");
  const auto* data = reinterpret_cast<const char*>(model.graph.initializers[0].tensor.bytes.data());
  EXPECT_TRUE(data >= owner->data() && data < owner->data() + owner->size());
}

TEST(Reader, RefusesAFileCutAnywhere) {
  const std::string bytes = bytes_of(small_model());
  std::size_t refused = 0;
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    try {
      parse(bytes.substr(0, length));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::k_malformed) << length << ": " << error.what();
      ++refused;
    }
  }
  // Only between two fields of the outermost message does a shorter file look whole.
  EXPECT_GE(refused, bytes.size() - 16);
}

TEST(Reader, SurvivesEveryByteChanged) {
  const std::string bytes = bytes_of(small_model());
  for (std::size_t place = 0; place < bytes.size(); ++place) {
    for (const int flip : {0x01, 0x08, 0x80, 0xFF}) {
      std::string damaged = bytes;
      damaged[place] = static_cast<char>(damaged[place] ^ flip);
      try {
        parse(damaged);
      } catch (const Error&) {  // read or refused, but never a crash or another exception
      }
    }
  }
}

TEST(Reader, NamesTheByteWhereItStops) {
  const std::string bytes = bytes_of(small_model());
  EXPECT_THAT(failure(bytes.substr(0, bytes.size() - 1)), HasSubstr("test.onnx, byte "));
  EXPECT_THAT(failure("<html>not a model</html>"), HasSubstr("test.onnx"));
  EXPECT_THAT(failure(""), HasSubstr("no ONNX model"));
}

TEST(Reader, RefusesLengthsBeyond32Bits) {
  // Field 7 (the graph), length 2^32: its low 32 bits are 0 and would read as an empty graph.
  const std::string bytes = std::string("\x08\x08\x3A", 3) + std::string("\x80\x80\x80\x80\x10", 5);
  EXPECT_THAT(failure(bytes), HasSubstr("damaged"));
}

TEST(Reader, RefusesDeepNesting) {
  std::string graph;
  for (int level = 0; level < 100; ++level) {
    std::string attribute;
    protozero::pbf_writer(attribute).add_message(6, graph);
    std::string node;
    protozero::pbf_writer(node).add_message(5, attribute);
    graph.clear();
    protozero::pbf_writer(graph).add_message(1, node);
  }
  std::string model;
  protozero::pbf_writer(model).add_message(7, graph);
  EXPECT_THAT(failure(model), HasSubstr("nested more than 64 deep"));
}

// A TensorProto of `type` and `dims` to which `fill` adds its data.
template <typename Fill>
std::string tensor_model(std::int64_t type, std::vector<std::int64_t> dims, Fill fill) {
  std::string tensor;
  protozero::pbf_writer writer(tensor);
  writer.add_packed_int64(1, dims.begin(), dims.end());
  writer.add_int64(2, type);
  writer.add_string(8, "t");
  fill(writer);
  std::string graph;
  protozero::pbf_writer(graph).add_message(5, tensor);
  std::string model;
  protozero::pbf_writer model_writer(model);
  model_writer.add_int64(1, 8);
  model_writer.add_message(7, graph);
  return model;
}

template <typename Fill>
Tensor tensor_of(std::int64_t type, std::vector<std::int64_t> dims, Fill fill) {
  return parse(tensor_model(type, std::move(dims), fill)).graph.initializers.at(0).tensor;
}

TEST(TensorReader, ReadsEveryEncoding) {
  const std::vector<float> floats = {1.5F, -2};
  const std::vector<double> doubles = {1.5, -2};
  const std::vector<std::int32_t> small = {-1, 200};
  const std::vector<std::int64_t> wide = {-1, std::int64_t{1} << 40};
  const auto packed_small = [&](auto& writer) {
    writer.add_packed_int32(5, small.begin(), small.end());
  };
  EXPECT_EQ(to_float32(tensor_of(
                1, {2}, [&](auto& w) { w.add_packed_float(4, floats.begin(), floats.end()); })),
            floats);
  EXPECT_EQ(
      to_float32(tensor_of(1, {2}, [&](auto& w) { w.add_float(4, 1.5F), w.add_float(4, -2); })),
      floats);
  EXPECT_EQ(
      to_float64(tensor_of(
          11, {2}, [&](auto& w) { w.add_packed_double(10, doubles.begin(), doubles.end()); })),
      doubles);
  EXPECT_EQ(to_int64(tensor_of(7, {2},
                               [&](auto& w) { w.add_packed_int64(7, wide.begin(), wide.end()); })),
            wide);
  EXPECT_EQ(to_int64(tensor_of(7, {2},
                               [&](auto& w) { w.add_int64(7, wide[0]), w.add_int64(7, wide[1]); })),
            wide);
  EXPECT_THAT(to_int64(tensor_of(6, {2}, packed_small)), ElementsAre(-1, 200));
  EXPECT_THAT(to_int64(tensor_of(3, {2}, packed_small)), ElementsAre(-1, -56))
      << "narrowed to int8";
  EXPECT_THAT(to_int64(tensor_of(2, {2}, packed_small)), ElementsAre(255, 200))
      << "narrowed to uint8";
  EXPECT_THAT(to_int64(tensor_of(13, {1}, [](auto& w) { w.add_uint64(11, 7); })), ElementsAre(7));
}

TEST(TensorReader, ReadsSixteenBitFloatsAsBitsInIntegers) {
  const std::vector<std::int32_t> half = {0x3C00, 0xC000};
  const std::vector<std::int32_t> brain = {0x3F80, 0xC000};
  EXPECT_THAT(to_float32(tensor_of(
                  10, {2}, [&](auto& w) { w.add_packed_int32(5, half.begin(), half.end()); })),
              ElementsAre(1, -2));
  EXPECT_THAT(to_float32(tensor_of(
                  16, {2}, [&](auto& w) { w.add_packed_int32(5, brain.begin(), brain.end()); })),
              ElementsAre(1, -2));
  EXPECT_THAT(
      to_float32(tensor_of(10, {1}, [](auto& w) { w.add_bytes(9, std::string("\x00\x3C", 2)); })),
      ElementsAre(1));
}

TEST(TensorReader, RefusesDataThatDoesNotFit) {
  const auto raw = [](std::string bytes) {
    return [bytes](auto& writer) { writer.add_bytes(9, bytes); };
  };
  EXPECT_THAT(failure(tensor_model(1, {2}, raw("1234567"))), HasSubstr("7 bytes"));
  EXPECT_THAT(failure(tensor_model(1, {3}, raw("12345678"))), HasSubstr("tensor t"));
  EXPECT_THAT(failure(tensor_model(1, {-1}, raw("1234"))), HasSubstr("impossible"));
  EXPECT_THAT(failure(tensor_model(1, {1LL << 40, 1LL << 40}, raw("1234"))),
              HasSubstr("impossible"));
  EXPECT_THAT(failure(tensor_model(1, {1LL << 61}, raw("1234"))), HasSubstr("impossible"));
  EXPECT_THAT(failure(tensor_model(7, {2}, [](auto& w) { w.add_int64(7, 1); })),
              HasSubstr("cannot lie in 8 bytes"));
  EXPECT_THAT(failure(tensor_model(1, {1000000000}, [](auto&) {})),
              HasSubstr("cannot lie in 0 bytes"));
  EXPECT_THAT(failure(tensor_model(8, {1}, [](auto& w) { w.add_string(6, "text"); })),
              HasSubstr("not supported"));
  EXPECT_THAT(failure(tensor_model(17, {1}, raw("1"))), HasSubstr("element type 17"));
}

}  // namespace
}  // namespace hasten::onnx
