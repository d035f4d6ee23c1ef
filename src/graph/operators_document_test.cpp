// docs/operators.md says what the code does.
#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <sstream>

#include "graph/interpreter.h"
#include "graph/shapes.h"

namespace hasten::graph {
namespace {

using OperatorName = std::pair<std::string, std::string>;  // domain and type

struct Row {
  bool runs = false;
  bool has_shapes = false;
};

// The rows of the tables: "| `MatMul` | yes | yes |", under a heading that names the domain.
std::map<OperatorName, Row> documented() {
  std::map<OperatorName, Row> rows;
  std::ifstream file(std::string(HASTEN_SOURCE_DIR) + "/docs/operators.md");
  std::string domain;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## "))
      domain = line.find("com.microsoft") == line.npos ? "" : "com.microsoft";
    if (!line.starts_with("| `")) continue;
    std::istringstream words(line);
    std::string bar;
    std::string name;
    std::string runs;
    std::string shapes;
    words >> bar >> name >> bar >> runs >> bar >> shapes;
    rows[{domain, name.substr(1, name.size() - 2)}] = {runs == "yes", shapes == "yes"};
  }
  return rows;
}

TEST(OperatorsDocument, ListsEveryOperatorThatRuns) {
  const auto rows = documented();
  for (const OperatorName& name : supported_operators()) {
    EXPECT_TRUE(rows.contains(name)) << name.first << ' ' << name.second;
  }
}

TEST(OperatorsDocument, SaysWhatIsSupported) {
  const auto rows = documented();
  EXPECT_GT(rows.size(), 200U);
  for (const auto& [name, row] : rows) {
    EXPECT_EQ(row.runs, interpreter_supports(name.second, name.first))
        << name.first << ' ' << name.second;
    EXPECT_EQ(row.has_shapes, has_shape_rule(name.second, name.first))
        << name.first << ' ' << name.second;
  }
}

}  // namespace
}  // namespace hasten::graph
