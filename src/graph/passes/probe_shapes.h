// What is so for batches of any size: what two walks over the graph have in common.
#pragma once

#include <optional>

#include "graph/passes/shape_walk.h"

namespace hasten::graph {

// Texts and tokens of the batch on which layouts are tried.
inline constexpr ProbeSize k_probe_size = {2, 5};
inline constexpr ProbeSize k_other_probe_size = {3, 7};

// The batch, or what an export that fixed its sizes takes instead: there, what is so for that size is so
// whenever it runs.
ProbeSize probe_size_of(const Graph& graph, ProbeSize size);

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
