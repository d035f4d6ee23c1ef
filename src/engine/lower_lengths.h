// Values that depend on a text's length alone, worked out on numbers: masks, distances and their
// buckets, biases, angles, whatever operators an exporter wrote them with.
//
// A graph of a fixed length is worked out for that length, which is the only one that it runs with: what is a
// number there is a number. Shorter texts are padded, so that it has to be shown that padding is hidden.
#pragma once

#include <cstdint>
#include <functional>
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
  LengthFunctions(const graph::Graph& graph, const Sources& sources);

  // The length that the graph is fixed to; 0 where it takes any.
  std::int64_t fixed_length() const { return fixed_; }
  // Two lengths to try things on; the same one twice where the length is fixed.
  std::int64_t tried_length() const { return tried_; }
  std::int64_t other_length() const { return other_; }

  // Constants too.
  bool contains(graph::ValueId value) const { return sources_.of(value) != Source::k_inputs; }

  // The value for one text of `length` tokens; nothing where the interpreter cannot tell, as past
  // the end of a table.
  std::optional<Tensor> evaluate(graph::ValueId value, std::int64_t length);

  // Whether all elements are `number`, or the number of tokens, padding left out.
  bool is_everywhere(graph::ValueId value, double number);
  bool is_length(graph::ValueId value);

  // Whether padding, and nothing else, makes a value other than it is without padding: where `is_padding` holds
  // along its last axis, for each token of the text along the axis before that, or, `by_row`, along the last
  // axis but one. True of graphs that take any length, where there is no padding.
  bool tells_padding(graph::ValueId value, bool by_row,
                     const std::function<bool(double)>& is_padding);

  // A single number that is the same for every length.
  std::optional<double> number(graph::ValueId value);

  // [..., length, length] with equal diagonals as what it is: a function of the distance.
  std::optional<ByDistance> by_distance(graph::ValueId value);

  // The most tokens for which tables that the value is read from have entries.
  std::int64_t limit_of(graph::ValueId value) const;

  // The rows of the smallest floating table that is looked up for the value; the limit where there is none.
  std::int64_t rows_behind(graph::ValueId value) const;

  // Shapes when a text of `length` tokens runs through the graph.
  const graph::ShapeWalk& walk(std::int64_t length);

 private:
  // `kept` tokens and then padding.
  std::vector<Tensor> inputs_of(std::int64_t length, std::int64_t kept) const;
  std::optional<Tensor> evaluate(graph::ValueId value, std::int64_t length, std::int64_t kept);
  bool tells_padding_after(std::int64_t kept, graph::ValueId value, bool by_row,
                           const std::function<bool(double)>& is_padding);
  graph::ValueId find_distances(graph::ValueId value);
  std::optional<ByDistance> spread_distances(graph::ValueId value, const Tensor& small);
  std::optional<ByDistance> read_whole(graph::ValueId value, const Tensor& small);

  const graph::Graph& graph_;
  const Sources& sources_;
  const std::int64_t fixed_, tried_, other_;
  std::map<std::int64_t, std::unique_ptr<graph::ShapeWalk>> walks_;
};

// Elements of any type.
std::vector<double> numbers_of(const Tensor& tensor);

}  // namespace hasten::engine
