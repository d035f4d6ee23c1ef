// Convolutions of each channel by itself along the first axis after the channels.
#include <algorithm>

#include "engine/generic/step_table.h"

namespace hasten::engine::generic {
namespace {

struct Line {
  std::size_t length;  // of the axis that is convolved
  std::size_t inner;   // elements of one place of it
  std::size_t taps;
  std::size_t before;  // zeros in front
};

// to[i] += factor * from[i]
void add_multiple(float factor, const float* from, float* __restrict to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] += factor * from[i];
}

void convolve_channel(const Line& line, const float* from, const float* weights, float bias,
                      float* to) {
  std::fill_n(to, line.length * line.inner, bias);
  for (std::size_t tap = 0; tap < line.taps; ++tap) {
    // Place p of the result reads place p + tap - before.
    const std::size_t first = tap < line.before ? line.before - tap : 0;
    const std::size_t end = line.length + line.before;
    const std::size_t last = tap < end ? std::min(line.length, end - tap) : 0;
    if (first >= last) continue;
    add_multiple(weights[tap], from + (first + tap - line.before) * line.inner,
                 to + first * line.inner, (last - first) * line.inner);
  }
}

bool all_are(const std::vector<std::int64_t>& values, std::int64_t wanted) {
  return std::all_of(values.begin(), values.end(),
                     [&](std::int64_t value) { return value == wanted; });
}

// Whether the convolution is of the known kind, the result being as long as the input.
bool read_line(const StepCall& call, const Dims& in, const Dims& weight, Line& line) {
  const graph::Node& node = call.node;
  const std::size_t rank = in.size();
  if (rank < 3 || weight.size() != rank || in[1] < 1) return false;
  if (node.integer("group", 1) != in[1] || weight[0] != in[1] || weight[1] != 1) return false;
  if (!all_are(node.integers("strides", {}), 1) || !all_are(node.integers("dilations", {}), 1))
    return false;
  if (node.text("auto_pad", "NOTSET") != "NOTSET") return false;
  const Dims pads = node.integers("pads", Dims(2 * (rank - 2), 0));
  if (pads.size() != 2 * (rank - 2)) return false;
  for (std::size_t axis = 1; axis < rank - 2; ++axis) {
    if (weight[axis + 2] != 1 || pads[axis] != 0 || pads[axis + rank - 2] != 0) return false;
  }
  const std::int64_t taps = weight[2];
  if (taps < 1 || pads[0] < 0 || pads[rank - 2] < 0 || pads[0] + pads[rank - 2] != taps - 1)
    return false;
  std::int64_t inner = 1;
  for (std::size_t axis = 3; axis < rank; ++axis) inner *= in[axis];
  line = {static_cast<std::size_t>(in[2]), static_cast<std::size_t>(inner),
          static_cast<std::size_t>(taps), static_cast<std::size_t>(pads[0])};
  return true;
}

bool convolve(StepCall& call) {
  if (!call.has_reals(0) || !call.has_reals(1) || !call.is_shared(1)) return false;
  const Array& weight = call.input(1, 0);
  const bool has_bias = call.has(2);
  if (has_bias && (!call.has_reals(2) || !call.is_shared(2))) return false;
  for (std::size_t text = 0; text < call.texts; ++text) {
    const Array& from = call.input(0, text);
    Line line{};
    if (from.size() == 0 || !read_line(call, from.dims, weight.dims, line)) return false;
    const auto channels = static_cast<std::size_t>(from.dims[1]);
    if (has_bias && call.input(2, 0).dims != Dims{from.dims[1]}) return false;
    float* to = call.make_reals(0, text, from.dtype, from.dims);
    const std::size_t step = line.length * line.inner;
    const auto lines = static_cast<std::size_t>(from.dims[0]) * channels;
    for (std::size_t index = 0; index < lines && step > 0; ++index) {
      const std::size_t channel = index % channels;
      convolve_channel(line, from.reals.data() + index * step,
                       weight.reals.data() + channel * line.taps,
                       has_bias ? call.input(2, 0).reals[channel] : 0, to + index * step);
    }
  }
  return true;
}

}  // namespace

void add_convolution_steps(StepTable& table) {
  table[{"Conv", ""}] = {convolve};
}

}  // namespace hasten::engine::generic
