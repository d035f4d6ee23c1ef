// A whole ONNX file: read, its shapes inferred, its graph printed.
#include <span>
#include <string>

#include "fuzz_target.h"
#include "graph/dump.h"
#include "graph/from_onnx.h"
#include "graph/shapes.h"
#include "touch_tensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return hasten::fuzz::check([&] {
    namespace graph = hasten::graph;
    const std::string_view text = hasten::fuzz::as_text(data, size);
    graph::Graph read =
        graph::parse_onnx(std::as_bytes(std::span(text.data(), text.size())), nullptr, "fuzz");
    std::map<std::string, hasten::Tensor> constants;
    for (std::size_t index = 0; index < read.value_count(); ++index) {
      const graph::Value& value = read.value(static_cast<graph::ValueId>(index));
      if (value.constant) constants.emplace(value.name, *value.constant);
    }
    hasten::fuzz::touch(constants);
    graph::infer_shapes(read);
    graph::dump(read);
  });
}
