#include "graph/passes/rewrite_test.h"

#include "base/error.h"

namespace hasten::graph {
namespace {

using testing::ElementsAre;

constexpr std::string_view k_text = R"(
  input x float32[n, 3]
  const bias float32[3] = 1.0 2.0 3.0
  const root float32[] = 1.4142135
  const one float32[] = 1.0
  const half float32[] = 0.5
  i = Identity(x)
  z = Add(i, bias)
  a = Div(z, root)
  b = Erf(a)
  c = Add(b, one)
  d = Mul(z, c)
  y = Mul(d, half)
  output y
)";

std::vector<std::string> changing_passes(std::span<const std::string> skip, std::string& text) {
  Graph graph = parse_text(k_text);
  std::vector<std::string> observed;
  const auto reports = run_passes(graph, skip, [&](const Pass& pass, const Graph& after) {
    verify(after);
    observed.emplace_back(pass.name);
  });
  EXPECT_EQ(reports.size(), all_passes().size() - skip.size());
  text = dump(graph);
  return observed;
}

TEST(RunPasses, ReportsThoseThatChangedTheGraph) {
  std::string text;
  EXPECT_THAT(changing_passes({}, text),
              ElementsAre("remove_identities", "fuse_gelu", "fuse_bias_gelu"));
  EXPECT_EQ(text, normalized(R"(
    opset com.microsoft 1
    input x float32[n, 3]
    const bias float32[3] = 1.0 2.0 3.0
    y = com.microsoft.BiasGelu(x, bias)
    output y
  )"));
}

TEST(RunPasses, SkipsByName) {
  const std::vector<std::string> skip = {"fuse_gelu"};
  std::string text;
  EXPECT_THAT(changing_passes(skip, text), ElementsAre("remove_identities"));
}

TEST(RunPasses, RefusesUnknownNames) {
  Graph graph = parse_text(k_text);
  const std::vector<std::string> skip = {"fuse_everything"};
  try {
    run_passes(graph, skip);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::k_usage);
    EXPECT_THAT(error.what(), testing::HasSubstr("fuse_everything"));
  }
}

}  // namespace
}  // namespace hasten::graph
