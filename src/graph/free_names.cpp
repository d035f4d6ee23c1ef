#include "graph/free_names.h"

#include <memory>
#include <set>
#include <string_view>
#include <utility>

namespace hasten::graph {
namespace {

using Names = std::set<std::string_view>;

class FreeNames {
 public:
  void scan(const onnx::Graph& graph) {
    Names defined;
    for (const auto& input : graph.inputs) defined.insert(input.name);
    for (const auto& initializer : graph.initializers) defined.insert(initializer.name);
    for (const auto& node : graph.nodes) defined.insert(node.outputs.begin(), node.outputs.end());
    for (const auto& node : graph.nodes) {
      for (const std::string& input : node.inputs) add(input, defined);
      for (const std::string& name : free_names(node)) add(name, defined);
    }
    for (const auto& output : graph.outputs) add(output.name, defined);
  }

  std::vector<std::string> take() { return std::move(names_); }

 private:
  void add(const std::string& name, const Names& defined) {
    if (name.empty() || defined.contains(name) || !seen_.insert(name).second) return;
    names_.push_back(name);
  }

  std::vector<std::string> names_;
  std::set<std::string> seen_;
};

}  // namespace

std::vector<std::string> free_names(const onnx::Graph& graph) {
  FreeNames free;
  free.scan(graph);
  return free.take();
}

std::vector<std::string> free_names(const onnx::Node& node) {
  FreeNames free;
  for (const auto& attribute : node.attributes) {
    const auto* body = std::get_if<std::shared_ptr<const onnx::Graph>>(&attribute.value);
    if (body != nullptr) free.scan(**body);
  }
  return free.take();
}

}  // namespace hasten::graph
