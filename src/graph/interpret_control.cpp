// Nodes with bodies. What a body captures comes after the operator's own inputs (graph.h).
#include <algorithm>

#include "graph/operator_table.h"

namespace hasten::graph {
namespace {

template <typename Real>
const Graph& body_of(const OperatorCall<Real>& call, const std::string& attribute,
                     std::size_t inputs) {
  const auto found = call.node.attributes.find(attribute);
  if (found != call.node.attributes.end()) {
    const auto* body = std::get_if<std::shared_ptr<const Graph>>(&found->second);
    if (body != nullptr && *body != nullptr && (*body)->inputs().size() == inputs) return **body;
  }
  call.malformed("attribute " + attribute + " is not a body of " + std::to_string(inputs) +
                 " inputs");
}

template <typename Real>
void choose(OperatorCall<Real>& call) {
  const std::string branch = call.integer_scalar(0) != 0 ? "then_branch" : "else_branch";
  std::vector<Array<Real>> captured;
  for (std::size_t index = 1; index < call.inputs.size(); ++index)
    captured.push_back(call.input(index));
  call.outputs = call.run_body(body_of(call, branch, captured.size()), captured);
}

// One array of the values that an output had in every iteration.
template <typename Real>
Array<Real> stacked(const OperatorCall<Real>& call, const std::vector<Array<Real>>& parts) {
  if (parts.empty()) call.unsupported("a scan output of a loop that never ran");
  Dims dims = parts[0].dims;
  dims.insert(dims.begin(), static_cast<std::int64_t>(parts.size()));
  return rearranged(parts[0], dims, [&](auto, auto out) {
    auto to = out.begin();
    for (const Array<Real>& part : parts) {
      if (part.dims != parts[0].dims || part.dtype != parts[0].dtype) {
        call.malformed("a scan output changes its shape or type between iterations");
      }
      if constexpr (std::is_same_v<typename decltype(out)::element_type, Real>) {
        to = std::copy(part.reals.begin(), part.reals.end(), to);
      } else {
        to = std::copy(part.integers.begin(), part.integers.end(), to);
      }
    }
  });
}

constexpr std::int64_t k_max_iterations = 1 << 20;

// Inputs: trip count, condition, carried values, captured values. Body: iteration number,
// condition, carried, captured -> condition, carried, scan outputs.
template <typename Real>
void loop(OperatorCall<Real>& call) {
  const Graph& body = body_of(call, "body", call.inputs.size());
  const auto captured_count = static_cast<std::size_t>(call.node.integer(k_captured_attribute, 0));
  if (call.inputs.size() < 2 + captured_count) call.malformed("inputs are missing");
  const std::size_t carried_count = call.inputs.size() - 2 - captured_count;
  if (body.outputs().size() < 1 + carried_count) call.malformed("the body has too few outputs");
  const std::int64_t trips = call.has(0) ? call.integer_scalar(0) : k_max_iterations;
  bool goes_on = !call.has(1) || call.integer_scalar(1) != 0;
  std::vector<Array<Real>> state;
  for (std::size_t index = 2; index < call.inputs.size(); ++index)
    state.push_back(call.input(index));
  std::vector<std::vector<Array<Real>>> scans(body.outputs().size() - 1 - carried_count);
  for (std::int64_t iteration = 0; goes_on && iteration < trips; ++iteration) {
    if (iteration == k_max_iterations) call.unsupported("a loop of more than a million iterations");
    std::vector<Array<Real>> inputs = {make_integers<Real>(DType::k_int64, {}, {iteration}),
                                       make_integers<Real>(DType::k_bool, {}, {1})};
    inputs.insert(inputs.end(), state.begin(), state.end());
    std::vector<Array<Real>> outputs = call.run_body(body, std::move(inputs));
    if (outputs[0].floating() || outputs[0].size() != 1)
      call.malformed("the body's condition is no boolean");
    goes_on = outputs[0].integers[0] != 0;
    std::move(outputs.begin() + 1, outputs.begin() + 1 + static_cast<std::ptrdiff_t>(carried_count),
              state.begin());
    for (std::size_t k = 0; k < scans.size(); ++k)
      scans[k].push_back(std::move(outputs[1 + carried_count + k]));
  }
  state.resize(carried_count);
  call.outputs = std::move(state);
  for (std::size_t k = 0; k < scans.size() && call.outputs.size() < call.node.outputs.size(); ++k) {
    call.emit(stacked(call, scans[k]));
  }
}

}  // namespace

template <typename Real>
void add_control_operators(OperatorTable<Real>& table) {
  table[{"If", ""}] = choose<Real>;
  table[{"Loop", ""}] = loop<Real>;
}

template void add_control_operators(OperatorTable<float>&);
template void add_control_operators(OperatorTable<double>&);

}  // namespace hasten::graph
