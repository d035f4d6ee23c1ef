// What is added to the scores of an attention beside the product of query and key.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "graph/passes/attention_mask.h"
#include "graph/passes/operator_builder.h"

namespace hasten::graph {

struct ScoreBias {
  // Added to the scores `factor` times; of any shape that broadcasts to [batch, heads, queries,
  // keys].
  struct Term {
    ValueId value;
    double factor = 1;
  };
  // Replaces the scores by `filter` where `condition` is `dropped`.
  struct Choice {
    ValueId condition;
    bool dropped = false;
    double filter = 0;
  };
  using Step = std::variant<Term, Choice>;
  std::vector<Step> steps;  // in the order in which the product of query and key goes through them
};

// MultiHeadAttention's forms of it.
struct ScoreInputs {
  std::optional<MaskSource> mask;       // key_padding_mask
  ValueId attention_bias = k_no_value;  // [batch or 1, heads, queries, keys]
  // Of queries that see no key the scores are the bias alone, the query being zero where this,
  // which broadcasts to [batch, queries, 1], is false.
  ValueId query_sees = k_no_value;
};

// Builds them. A mask that takes keys out alike for all queries becomes the key_padding_mask;
// everything else goes into the bias, in the order in which the file has it: scores that are
// replaced become scores that are lowered so far that they are lost in rounding. Where a file's
// filter values are not as low as that and other steps come between, queries that see nothing are
// zeroed.
class ScoreBiasBuilder {
 public:
  ScoreBiasBuilder(Graph& graph, const ProbeShapes& shapes) : graph_(graph), shapes_(shapes) {}

  // Whether all parts have dimensions that MultiHeadAttention can take.
  bool can_build(const ScoreBias& bias, std::int64_t heads) const;

  // The type in which scores are computed where activations are of `dtype`: float16 has no number
  // so low that scores beside it are lost, as a query needs that attends to nothing.
  DType type_of_scores(const ScoreBias& bias, DType dtype) const;

  // `query` is [batch, sequence, width], `dtype` the type of scores.
  ScoreInputs build(const ScoreBias& bias, ValueId query, std::int64_t heads, DType dtype);

 private:
  struct Part {
    ValueId value;
    Dims dims;  // of the batch that shapes are worked out for
  };

  // The step as a mask of keys, where nothing that comes before or after it is lost thereby.
  std::optional<MaskSource> as_key_mask(const ScoreBias& bias, std::size_t step) const;
  // The term as a mask of keys that lowers scores so far that nothing of them is left.
  std::optional<MaskSource> low_mask(const ScoreBias::Term& term) const;
  bool needs_zeroed_queries(const ScoreBias& bias) const;
  Part added(const ScoreBias::Term& term, const std::optional<Part>& before, DType dtype);
  Part chosen(const ScoreBias::Choice& choice, double filter, const std::optional<Part>& before,
              DType dtype);
  // Small terms first: what is the same for all texts or heads is added once.
  std::vector<ScoreBias::Step> sorted(std::vector<ScoreBias::Step> steps) const;
  // ONNX Runtime 1.19 refuses a bias that is the same for all heads, and 1.20 takes that of the
  // wrong text.
  ValueId with_all_axes(const Part& part, ValueId query, std::int64_t heads, DType dtype);
  // Names what it adds after a value.
  OperatorBuilder builder(ValueId value, DType dtype);

  Graph& graph_;
  const ProbeShapes& shapes_;
};

}  // namespace hasten::graph
