// Convolution, which a few encoders use along the sequence.
#include "graph/broadcast.h"
#include "graph/operator_table.h"

namespace hasten::graph {
namespace {

struct Window {
  Dims kernel;  // spatial dimensions only, as are the others
  Dims strides;
  Dims dilations;
  Dims before;  // padding
  Dims output;
};

template <typename Real>
Window plan_window(const OperatorCall<Real>& call) {
  const Dims& in = call.input(0).dims;
  const Dims& weight = call.input(1).dims;
  const std::size_t rank = in.size() - 2;
  Window window;
  window.kernel.assign(weight.begin() + 2, weight.end());
  window.strides = call.node.integers("strides", Dims(rank, 1));
  window.dilations = call.node.integers("dilations", Dims(rank, 1));
  const Dims pads = call.node.integers("pads", Dims(2 * rank, 0));
  const std::string automatic = call.node.text("auto_pad", "NOTSET");
  call.check_shapes(window.strides.size() == rank && window.dilations.size() == rank &&
                    pads.size() == 2 * rank);
  for (std::size_t axis = 0; axis < rank; ++axis) {
    constexpr std::int64_t k_limit = 1 << 20;
    const std::int64_t stride = window.strides[axis];
    const std::int64_t dilation = window.dilations[axis];
    const bool sane = stride >= 1 && stride < k_limit && dilation >= 1 && dilation < k_limit &&
                      window.kernel[axis] >= 1 && window.kernel[axis] < k_limit &&
                      pads[axis] >= 0 && pads[axis] < k_limit && pads[axis + rank] >= 0 &&
                      pads[axis + rank] < k_limit;
    call.check_shapes(sane);
    const std::int64_t reach = (window.kernel[axis] - 1) * dilation + 1;
    std::int64_t before = pads[axis];
    std::int64_t padded = in[axis + 2] + pads[axis] + pads[axis + rank];
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
      const std::int64_t wanted = (in[axis + 2] + stride - 1) / stride;
      const std::int64_t total =
          std::max<std::int64_t>((wanted - 1) * stride + reach - in[axis + 2], 0);
      before = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
      padded = in[axis + 2] + total;
    } else if (automatic == "VALID") {
      before = 0;
      padded = in[axis + 2];
    }
    window.before.push_back(before);
    window.output.push_back(padded < reach ? 0 : (padded - reach) / stride + 1);
  }
  return window;
}

// The offset into the input of one kernel place at one output place, or -1 in the padding.
std::int64_t source_offset(const Window& window, const Dims& in, std::int64_t out_place,
                           std::int64_t kernel_place) {
  std::int64_t offset = 0;
  std::int64_t stride = 1;
  for (std::size_t axis = window.kernel.size(); axis-- > 0;) {
    const std::int64_t at = out_place % window.output[axis] * window.strides[axis] +
                            kernel_place % window.kernel[axis] * window.dilations[axis] -
                            window.before[axis];
    if (at < 0 || at >= in[axis + 2]) return -1;
    offset += at * stride;
    stride *= in[axis + 2];
    out_place /= window.output[axis];
    kernel_place /= window.kernel[axis];
  }
  return offset;
}

// Input [batch, channels, spatial ...], weights [filters, channels / groups, kernel ...], bias.
template <typename Real>
void convolution(OperatorCall<Real>& call) {
  const Dims& in = call.input(0).dims;
  const Dims& weight = call.input(1).dims;
  const std::int64_t groups = call.node.integer("group", 1);
  call.check_shapes(in.size() >= 3 && weight.size() == in.size() && groups >= 1 &&
                    in[1] % groups == 0 && weight[1] == in[1] / groups && weight[0] % groups == 0);
  call.check_shapes(!call.has(2) || call.input(2).dims == Dims{weight[0]});
  const Window window = plan_window(call);
  Dims dims = {in[0], weight[0]};
  dims.insert(dims.end(), window.output.begin(), window.output.end());
  std::vector<Real> out(checked_count(dims), 0);
  const std::int64_t places = element_count(window.output).value_or(0);
  const std::int64_t kernel = element_count(window.kernel).value_or(0);
  const std::int64_t spatial = element_count(std::span(in).subspan(2)).value_or(0);
  const auto x = call.reals(0);
  const auto w = call.reals(1);
  const std::int64_t per_group = weight[1];
  for (std::int64_t index = 0; index < static_cast<std::int64_t>(out.size()); ++index) {
    const std::int64_t place = index % places;
    const std::int64_t filter = index / places % weight[0];
    const std::int64_t batch = index / places / weight[0];
    const std::int64_t first = filter / (weight[0] / groups) * per_group;
    Real sum = call.has(2) ? call.reals(2)[static_cast<std::size_t>(filter)] : 0;
    for (std::int64_t k = 0; k < kernel; ++k) {
      const std::int64_t offset = source_offset(window, in, place, k);
      if (offset < 0) continue;
      for (std::int64_t channel = 0; channel < per_group; ++channel) {
        sum += x[static_cast<std::size_t>((batch * in[1] + first + channel) * spatial + offset)] *
               w[static_cast<std::size_t>((filter * per_group + channel) * kernel + k)];
      }
    }
    out[static_cast<std::size_t>(index)] = sum;
  }
  call.emit_reals(call.input(0).dtype, std::move(dims), std::move(out));
}

}  // namespace

template <typename Real>
void add_convolution_operators(OperatorTable<Real>& table) {
  table[{"Conv", ""}] = convolution<Real>;
}

template void add_convolution_operators(OperatorTable<float>&);
template void add_convolution_operators(OperatorTable<double>&);

}  // namespace hasten::graph
