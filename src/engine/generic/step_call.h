// One step of the engine at work: its inputs and outputs for each of the texts that run together.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "engine/cpu/isa/table.h"
#include "engine/generic/array_pool.h"
#include "graph/array.h"
#include "graph/graph.h"

namespace hasten::engine::generic {

using Array = graph::Array<float>;

// What the steps of one thread share.
struct Workbench {
  explicit Workbench(const cpu::KernelTable& table) : kernels(table) {}
  const cpu::KernelTable& kernels;
  ArrayPool pool;
  // Threads that share large products, the one that runs the steps among them; null: it alone computes.
  ThreadPool* team = nullptr;

  // At least so many zeros.
  const float* zeros(std::size_t count) {
    if (zeros_.size() < count) zeros_.resize(count + 1024);
    return zeros_.data();
  }

 private:
  std::vector<float> zeros_;
};

// What a step has made ready of its constants: packed weights and the like.
struct Prepared {
  virtual ~Prepared() = default;
};

// A step's inputs are arrays of each text, or one for all. Outputs start empty; a body that knows its work sets all
// that are asked for.
class StepCall {
 public:
  struct Operand {
    const Array* first = nullptr;  // null: left out
    std::size_t step = 0;          // 0: the same for all texts
  };

  StepCall(const graph::Node& node_run, std::int64_t opset_of_domain, Workbench& bench_used,
           std::size_t text_count)
      : node(node_run), opset(opset_of_domain), bench(bench_used), texts(text_count) {}

  const graph::Node& node;
  const std::int64_t opset;  // of the node's domain
  Workbench& bench;
  const std::size_t texts;
  const Prepared* prepared = nullptr;
  std::vector<Operand> operands;
  std::vector<std::vector<Array>> outputs;  // by output, by text, up to the last that anybody reads

  bool has(std::size_t index) const {
    return index < operands.size() && operands[index].first != nullptr;
  }
  bool is_shared(std::size_t index) const { return operands[index].step == 0; }
  const Array& input(std::size_t index, std::size_t text) const {
    return operands[index].first[operands[index].step * text];
  }
  // Whether the input is there, and of floating-point numbers for every text.
  bool has_reals(std::size_t index) const {
    if (!has(index)) return false;
    for (std::size_t text = 0; text < texts; ++text) {
      if (!input(index, text).floating()) return false;
    }
    return true;
  }

  // Whether anybody reads an output.
  bool wants(std::size_t output) const {
    return output < outputs.size() && !outputs[output].empty();
  }

  // Room for an output of a text; the array is set at once, its elements are to be written.
  float* make_reals(std::size_t output, std::size_t text, DType dtype, Dims dims);
  // The same for all texts, which lie one after the other.
  float* make_reals(std::size_t output, DType dtype, std::vector<Dims> dims);
  std::int64_t* make_integers(std::size_t output, std::size_t text, DType dtype, Dims dims);
};

// Rows of an input that lie one after the other in memory, of one text or of several.
struct Stretch {
  const float* values;
  std::size_t floats;
  std::size_t first_text;
};
// An input of floating-point numbers in as few stretches as there are, in the order of the texts. One for the first
// text alone where the input is shared.
std::vector<Stretch> stretches_of(const StepCall& call, std::size_t index);

}  // namespace hasten::engine::generic
