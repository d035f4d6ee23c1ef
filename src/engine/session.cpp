#include "engine/session.h"

#include <algorithm>

#include "base/error.h"
#include "engine/device.h"
#include "engine/first_token.h"
#include "engine/float8_products.h"
#include "engine/generic/generic_backend.h"
#include "engine/lower.h"
#include "graph/classifier_head.h"
#include "graph/fixed_sizes.h"
#include "graph/passes/engine_form.h"
#include "graph/passes/generic_form.h"
#include "graph/passes/name_token_inputs.h"

namespace hasten::engine {
namespace {

// The generic engine has one precision, and takes its instruction set from HASTEN_ISA alone. It computes weights
// as they are stored anyway.
void check_generic(const SessionOptions& options, const std::string& obstacle) {
  const bool on_cpu = options.device.name == "cpu" || options.device.name == "auto";
  PrecisionPlan asked = options.precision;
  asked.as_stored = false;
  if (asked == PrecisionPlan() && options.device.isa.empty() && on_cpu) return;
  fail(ErrorCode::k_unsupported,
       "this graph runs on the generic engine, which has one precision and no GPU, and takes its "
       "instruction set from HASTEN_ISA",
       {}, obstacle, "Leave out --precision, --isa and --device.");
}

}  // namespace

std::unique_ptr<const Session> Session::open(const graph::Graph& model,
                                             const SessionOptions& options) {
  graph::Graph graph = model;
  graph::keep_logits(graph);
  graph::Graph rewritten = graph;
  graph::to_engine_form(rewritten);
  auto lowered = lower(rewritten);
  std::unique_ptr<Session> session(new Session());
  if (const auto* program = std::get_if<Program>(&lowered)) session->take_limits(*program);
  if (const std::int64_t length = graph::fixed_sizes(graph).length; length > 0) {
    const std::int64_t limit = session->position_limit_;
    session->position_limit_ = limit == 0 ? length : std::min(limit, length);
  }
  const auto* obstacle = std::get_if<Obstacle>(&lowered);
  if (obstacle != nullptr || options.exact) {
    session->obstacle_ = options.exact
                             ? "every operator is computed as the file says, which was asked for"
                             : obstacle->reason;
    check_generic(options, session->obstacle_);
    graph::Graph named = graph;
    graph::name_token_inputs(named);
    session->prepared_.executable =
        options.exact
            ? generic::prepare_exact(named, session->class_count_)
            : generic::prepare(named, graph::to_generic_form(named), session->class_count_);
    return session;
  }
  auto& program = std::get<Program>(lowered);
  session->flops_per_token_ = program.flops_per_token;
  session->flops_per_sequence_ = program.flops_per_sequence;
  apply(options.precision, program);
  session->float8_note_ = keep_from_float8(program);
  session->products_ = products_of(program);
  narrow_to_first_token(program);
  keep_from_float8(program);
  session->computed_products_ = products_of(program);
  session->prepared_ = prepare_on(options.device, program);
  return session;
}

std::vector<std::string> Session::notes() const {
  std::vector<std::string> notes{prepared_.note, float8_note_, prepared_.executable->note()};
  std::erase(notes, std::string());
  return notes;
}

void Session::take_limits(const Program& program) {
  class_count_ = program.class_count;
  position_limit_ = program.position_limit;
  vocabulary_size_ = program.vocabulary_size;
  type_count_ = program.type_count;
}

}  // namespace hasten::engine
