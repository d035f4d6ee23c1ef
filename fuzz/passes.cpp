// A whole ONNX file through every pass: the graph stays well-formed and, where it is small, goes on
// computing the same.
#include <span>
#include <string_view>

#include "fuzz_target.h"
#include "graph/dump.h"
#include "graph/from_onnx.h"
#include "graph/passes/engine_form.h"
#include "graph/passes/pass.h"
#include "graph/verify.h"
#include "same_outputs.h"

namespace hasten::fuzz {
namespace {

// A pass may refuse what the file says, and may not leave a graph behind that is not well-formed.
template <typename Rewrite>
void rewrite(graph::Graph& graph, Rewrite run) {
  try {
    run(graph);
  } catch (const Error& error) {
    const std::string_view what = error.what();
    if (what.find("not well-formed") != what.npos || what.find("in a circle") != what.npos)
      std::abort();
    throw;
  }
  try {
    graph::verify(graph);
    graph::dump(graph);
  } catch (const Error&) {
    std::abort();
  }
}

void check_passes(const graph::Graph& before) {
  const SameOutputs outputs(before);
  graph::Graph optimized = before;
  rewrite(optimized, [](graph::Graph& graph) { graph::run_passes(graph); });
  try {
    outputs.check(optimized);
  } catch (const Error&) {
    std::abort();
  }
}

// What the engine reads computes the same only for masks that are prefixes of ones.
void check_engine_form(graph::Graph graph) {
  rewrite(graph, graph::to_engine_form);
}

}  // namespace
}  // namespace hasten::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return hasten::fuzz::check([&] {
    const std::string_view text = hasten::fuzz::as_text(data, size);
    const hasten::graph::Graph graph = hasten::graph::parse_onnx(
        std::as_bytes(std::span(text.data(), text.size())), nullptr, "fuzz");
    hasten::fuzz::check_passes(graph);
    hasten::fuzz::check_engine_form(graph);
  });
}
