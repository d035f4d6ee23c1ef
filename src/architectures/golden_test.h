// Golden rows: token ids and the logits that PyTorch computed from them in float64.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "base/json.h"
#include "graph/interpreter.h"

namespace hasten::architectures {

struct GoldenRow {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> type_ids;  // zeros where the file has none
  std::vector<double> logits;
};

inline std::string read_gzipped(const std::filesystem::path& path) {
  std::string text;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return text;
  char buffer[1 << 16];
  for (int got = 0; (got = gzread(file, buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  gzclose(file);
  return text;
}

inline GoldenRow read_row(const Json& json) {
  GoldenRow row;
  for (const Json& id : json["ids"].as_array("ids")) row.ids.push_back(id.as_integer("ids"));
  for (const Json& logit : json["logits"].as_array("logits")) {
    row.logits.push_back(logit.as_number("logits"));
  }
  row.type_ids.assign(row.ids.size(), 0);
  for (std::size_t i = 0; json.contains("type_ids") && i < row.ids.size(); ++i) {
    row.type_ids[i] = json["type_ids"].as_array("type_ids")[i].as_integer("type_ids");
  }
  return row;
}

// JSON lines with "ids" and "logits", gzipped or not; at most `limit` rows.
inline std::vector<GoldenRow> read_golden(const std::filesystem::path& path, std::size_t limit) {
  std::vector<GoldenRow> rows;
  std::istringstream lines(read_gzipped(path));
  for (std::string line; rows.size() < limit && std::getline(lines, line);) {
    rows.push_back(read_row(Json::parse(line, path.string())));
  }
  return rows;
}

// Masked tokens behind a text.
struct Padding {
  std::size_t count = 0;
  std::int64_t id = 0;
};

inline std::vector<double> logits_of(const graph::Graph& graph, const GoldenRow& row,
                                     const Padding& padding = {}) {
  const std::size_t length = row.ids.size() + padding.count;
  const auto padded = [&](std::vector<std::int64_t> values, std::int64_t filler) {
    values.resize(length, filler);
    return make_tensor<std::int64_t>({1, static_cast<std::int64_t>(length)}, std::move(values));
  };
  std::map<std::string, Tensor> inputs;
  for (const graph::ValueId input : graph.inputs()) {
    const std::string& name = graph.value(input).name;
    if (name == "input_ids") inputs.emplace(name, padded(row.ids, padding.id));
    if (name == "token_type_ids") inputs.emplace(name, padded(row.type_ids, 0));
    if (name == "attention_mask") {
      inputs.emplace(name, padded(std::vector<std::int64_t>(row.ids.size(), 1), 0));
    }
  }
  return to_float64(graph::interpret(graph, inputs).at("logits"));
}

inline void expect_near(const std::vector<double>& actual, const std::vector<double>& expected,
                        double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], tolerance);
}

}  // namespace hasten::architectures
