// Values that depend on a text's length alone, worked out on numbers: masks, distances and their
// buckets, biases, angles, whatever operators an exporter wrote them with.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/lower_sources.h"
#include "graph/graph.h"
#include "graph/passes/shape_walk.h"

namespace hasten::engine {

// A function of the distance i - j of a matrix's rows i and columns j.
struct ByDistance {
  std::int64_t limit = 0;      // |distance| < limit
  std::int64_t functions = 1;  // of so many heads
  // [functions][2 limit - 1], from distance 1 - limit on. With limit 0 it is one number for all.
  std::vector<double> values;
};

class LengthFunctions {
 public:
  LengthFunctions(const graph::Graph& graph, const Sources& sources)
      : graph_(graph), sources_(sources) {}

  // Constants too.
  bool contains(graph::ValueId value) const { return sources_.of(value) != Source::k_inputs; }

  // The value for one text of `length` tokens; nothing where the interpreter cannot tell, as past
  // the end of a table.
  std::optional<Tensor> evaluate(graph::ValueId value, std::int64_t length);

  // Whether all elements are `number`, or the length itself.
  bool is_everywhere(graph::ValueId value, double number);
  bool is_length(graph::ValueId value);

  // A single number that is the same for every length.
  std::optional<double> number(graph::ValueId value);

  // [..., length, length] with equal diagonals as what it is: a function of the distance.
  std::optional<ByDistance> by_distance(graph::ValueId value);

  // The most tokens for which tables that the value is read from have entries.
  std::int64_t limit_of(graph::ValueId value) const;

  // Shapes when a text of `length` tokens runs through the graph.
  const graph::ShapeWalk& walk(std::int64_t length);

 private:
  std::vector<Tensor> inputs_of(std::int64_t length) const;
  graph::ValueId find_distances(graph::ValueId value);
  std::optional<ByDistance> spread_distances(graph::ValueId value, const Tensor& small);

  const graph::Graph& graph_;
  const Sources& sources_;
  std::map<std::int64_t, std::unique_ptr<graph::ShapeWalk>> walks_;
};

// Elements of any type.
std::vector<double> numbers_of(const Tensor& tensor);

}  // namespace hasten::engine
