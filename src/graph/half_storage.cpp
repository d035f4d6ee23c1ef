#include "graph/half_storage.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace hasten::graph {
namespace {

// Operators, of either domain, with float16 kernels in ONNX Runtime 1.32's CPU provider on x86-64.
bool has_half_kernel(const Node& node) {
  static const std::set<std::string_view> types = {"Clip",
                                                   "Concat",
                                                   "Expand",
                                                   "Flatten",
                                                   "Gather",
                                                   "GatherElements",
                                                   "GatherND",
                                                   "Identity",
                                                   "IsInf",
                                                   "IsNaN",
                                                   "LayerNormalization",
                                                   "Max",
                                                   "Min",
                                                   "Mod",
                                                   "RMSNormalization",
                                                   "Reshape",
                                                   "RotaryEmbedding",
                                                   "Round",
                                                   "ScatterElements",
                                                   "ScatterND",
                                                   "Shape",
                                                   "Sign",
                                                   "SimplifiedLayerNormalization",
                                                   "SkipLayerNormalization",
                                                   "SkipSimplifiedLayerNormalization",
                                                   "Slice",
                                                   "Split",
                                                   "Squeeze",
                                                   "Transpose",
                                                   "Unsqueeze"};
  return types.contains(node.op_type) || node.is("Attention");
}

// A Cast has one too, but is taken out together with the conversion that would undo it.
bool takes_half(const Node& node) {
  return has_half_kernel(node) || node.is("Cast");
}

}  // namespace

bool HalfStorage::holds_half(const Node& node, const std::vector<bool>& is_half) {
  const bool reads_half = std::find(is_half.begin(), is_half.end(), true) != is_half.end();
  if (!reads_half) return false;
  const bool is_wide =
      !takes_half(node) || (has_half_kernel(node) && runs_between_floats(node, is_half));
  for (const ValueId output : node.outputs) {
    if (output != k_no_value) is_widened_[static_cast<std::size_t>(output)] = is_wide;
  }
  return !is_wide && !node.is("Cast");
}

// An operator between others that are computed in float32 is so too: the runtime saves itself the
// conversions. Constants are converted beforehand, and do not count.
bool HalfStorage::runs_between_floats(const Node& node, const std::vector<bool>& is_half) const {
  bool has_producer = false;
  std::size_t half_producers = 0;
  std::size_t wide_producers = 0;
  for (std::size_t index = 0; index < is_half.size(); ++index) {
    const ValueId input = node.inputs[index];
    if (input == k_no_value || graph_.producer(input) == k_no_node) continue;
    has_producer = true;
    if (!is_half[index]) continue;
    ++half_producers;
    if (is_widened_[static_cast<std::size_t>(input)]) ++wide_producers;
  }
  if (!has_producer || (half_producers > 0 && wide_producers == 0)) return false;
  bool is_read = false;
  for (const ValueId output : node.outputs) {
    if (output == k_no_value) continue;
    if (graph_.is_output(output)) return false;
    for (const NodeId reader : graph_.consumers(output)) {
      if (takes_half(graph_.node(reader))) return false;
      is_read = true;
    }
  }
  return is_read;
}

}  // namespace hasten::graph
