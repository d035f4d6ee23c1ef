// Shapes of all values when a small batch runs through the graph, and the small values that are
// made of shapes: what exporters compute at run time and a pattern has to know.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "graph/graph.h"

namespace hasten::graph {

// The batch that is tried; inputs of the graph are [batch, length] unless they are declared to have
// more or fewer axes.
struct ProbeSize {
  std::int64_t batch;
  std::int64_t length;
};

// Texts and tokens of the batch on which layouts are tried.
inline constexpr ProbeSize k_probe_size = {2, 5};
inline constexpr ProbeSize k_other_probe_size = {3, 7};

// The batch, or what an export that fixed its sizes takes instead: there, what is so for that size is so
// whenever it runs.
ProbeSize probe_size_of(const Graph& graph, ProbeSize size);

// Whether an input of the graph is [batch, length].
bool takes_tokens(const Value& input);

// One walk over the nodes; values that are added to the graph later are not known.
class ShapeWalk {
 public:
  ShapeWalk(const Graph& graph, ProbeSize size);

  ProbeSize size() const { return size_; }

  // Nothing for values behind operators whose shapes are not worked out here.
  const std::optional<Dims>& dims(ValueId id) const;

  // Elements of a constant, or of what is computed from shapes and constants alone; nullptr when it
  // is neither or large.
  const Tensor* value(ValueId id) const;

 private:
  void walk(const Node& node);
  void evaluate(const Node& node);
  std::optional<Dims> infer(const Node& node) const;
  std::optional<Dims> infer_product(const Node& node) const;
  std::optional<Dims> infer_broadcast(const Node& node) const;
  std::optional<Dims> infer_reshape(const Node& node) const;
  std::optional<Dims> infer_by_rule(const Node& node, ValueId output) const;
  std::optional<Dims> infer_by_trial(const Node& node, DType dtype) const;
  void set(ValueId id, Dims dims);

  const Graph& graph_;
  const ProbeSize size_;
  std::vector<std::optional<Dims>> dims_;
  std::map<ValueId, Tensor> values_;
};

// Two batches of different sizes, or of fixed ones: what is the same in both depends on neither.
class ProbeShapes {
 public:
  explicit ProbeShapes(const Graph& graph)
      : first_(graph, probe_size_of(graph, k_probe_size)),
        second_(graph, probe_size_of(graph, k_other_probe_size)) {}

  // Of the batch that dims() is for.
  ProbeSize size() const { return first_.size(); }

  // For a batch of k_probe_size.
  const std::optional<Dims>& dims(ValueId id) const { return first_.dims(id); }

  // The walk with that batch.
  const ShapeWalk& walk() const { return first_; }

  // The walk with a batch of k_other_probe_size.
  const ShapeWalk& other_walk() const { return second_; }

  // Whether two values have the same dimensions, known for batches of either size.
  bool same_dims(ValueId a, ValueId b) const;

  // A floating number, constant or computed from sizes that are the same for every batch.
  std::optional<double> number(ValueId id) const;

 private:
  ShapeWalk first_, second_;
};

// The factor by which a Mul or Div multiplies its other operand, which `input` becomes: a constant,
// or what an exporter computes from the head size. Nothing, and `input` as it was, for other nodes.
std::optional<double> factor_of(const ProbeShapes& shapes, const Node& node, ValueId& input);

}  // namespace hasten::graph
