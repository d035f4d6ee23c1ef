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
  std::vector<double> logits;
};

// JSON lines with "ids" and "logits", gzipped or not; at most `limit` rows.
inline std::vector<GoldenRow> read_golden(const std::filesystem::path& path, std::size_t limit) {
  std::string text;
  gzFile file = gzopen(path.c_str(), "rb");
  char buffer[1 << 16];
  for (int got = 0; (got = gzread(file, buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  gzclose(file);
  std::vector<GoldenRow> rows;
  std::istringstream lines(text);
  for (std::string line; rows.size() < limit && std::getline(lines, line);) {
    const Json json = Json::parse(line, path.string());
    GoldenRow row;
    for (const Json& id : json["ids"].as_array("ids")) row.ids.push_back(id.as_integer("ids"));
    for (const Json& logit : json["logits"].as_array("logits")) {
      row.logits.push_back(logit.as_number("logits"));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

// Logits of one text with `padding` masked tokens behind it.
inline std::vector<double> logits_of(const graph::Graph& graph,
                                     const std::vector<std::int64_t>& ids,
                                     std::size_t padding = 0) {
  const auto length = static_cast<std::int64_t>(ids.size() + padding);
  std::vector<std::int64_t> padded = ids;
  padded.resize(ids.size() + padding, 0);
  std::vector<std::int64_t> mask(ids.size(), 1);
  mask.resize(ids.size() + padding, 0);
  std::map<std::string, Tensor> inputs;
  for (const graph::ValueId input : graph.inputs()) {
    const std::string& name = graph.value(input).name;
    std::vector<std::int64_t> values(padded.size(), 0);
    if (name == "input_ids") values = padded;
    if (name == "attention_mask") values = mask;
    inputs.emplace(name, make_tensor<std::int64_t>({1, length}, std::move(values)));
  }
  return to_float64(graph::interpret(graph, inputs).at("logits"));
}

inline void expect_near(const std::vector<double>& actual, const std::vector<double>& expected,
                        double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], tolerance);
}

}  // namespace hasten::architectures
