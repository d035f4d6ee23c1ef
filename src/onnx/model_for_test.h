// For tests: a small model with every kind of field, and its bytes.
#pragma once

#include <string>

#include "onnx/encoder.h"
#include "onnx/model.h"

namespace hasten::onnx {

inline Model small_model() {
  Model model;
  model.ir_version = 8;
  model.producer_name = "test";
  model.producer_version = "1.2";
  model.opsets = {{"", 17}, {"com.microsoft", 1}};
  model.metadata = {{"key", "value"}, {"empty", ""}};
  model.graph.name = "main";
  model.graph.doc = "a graph";
  model.graph.initializers = {{"w", make_tensor<float>({2, 2}, {1, 2, 3, 4})},
                              {"i", make_tensor<std::int64_t>({3}, {-1, 0, 5})},
                              {"none", make_tensor<float>({0, 7}, {})}};
  model.graph.inputs = {{"x", true, 1, std::vector<Dimension>{{{}, "batch"}, {2, ""}, {{}, ""}}}};
  model.graph.outputs = {{"y", true, 1, std::nullopt}};
  model.graph.values = {{"h", true, 1, std::vector<Dimension>{}}};
  auto body = std::make_shared<Graph>();
  body->name = "body";
  body->nodes = {{"", "Exp", "", "", {"h"}, {"b"}, {}}};
  body->outputs = {{"b", true, 0, std::nullopt}};
  model.graph.nodes = {{"first", "MatMul", "", "", {"x", "w"}, {"h"}, {}},
                       {"second",
                        "Thing",
                        "com.microsoft",
                        "",
                        {"h", "", "i"},
                        {"y"},
                        {{"integer", "", std::int64_t{-3}},
                         {"number", "", 0.5F},
                         {"text", "", std::string("tanh")},
                         {"tensor", "", make_tensor<float>({1}, {7})},
                         {"integers", "", std::vector<std::int64_t>{1, -1}},
                         {"numbers", "", std::vector<float>{1, 2}},
                         {"texts", "", std::vector<std::string>{"a", ""}},
                         {"body", "", std::shared_ptr<const Graph>(body)},
                         {"no_integers", "", std::vector<std::int64_t>{}}}}};
  return model;
}

inline std::string bytes_of(const Model& model) {
  std::string bytes;
  encode_model(model, {}).write([&](std::span<const std::byte> part) {
    bytes.append(reinterpret_cast<const char*>(part.data()), part.size());
  });
  return bytes;
}

}  // namespace hasten::onnx
