// What is added to the scores of an attention beside the product of query and key.
#pragma once

#include <optional>
#include <vector>

#include "graph/passes/attention_mask.h"

namespace hasten::graph {

struct ScoreBias {
  // Added to the scores `factor` times; of any shape that broadcasts to [batch, heads, queries,
  // keys].
  struct Term {
    ValueId value;
    double factor = 1;
  };
  // Takes out keys where `condition` is `dropped`.
  struct Choice {
    ValueId condition;
    bool dropped = false;
  };
  std::vector<Term> terms;
  std::vector<Choice> choices;
};

// MultiHeadAttention's forms of it.
struct ScoreInputs {
  std::optional<MaskSource> mask;       // key_padding_mask
  ValueId attention_bias = k_no_value;  // [batch or 1, heads, queries, keys]
};

// Builds them. A mask that takes keys out alike for all queries becomes the key_padding_mask;
// everything else is summed.
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
    Dims dims;  // of a batch of k_probe_size
  };

  std::optional<MaskSource> as_key_mask(const ScoreBias::Term& term) const;
  std::optional<MaskSource> as_key_mask(const ScoreBias::Choice& choice) const;
  Part scaled(const ScoreBias::Term& term, DType dtype);
  Part chosen(const ScoreBias::Choice& choice, const std::optional<Part>& kept, DType dtype);
  std::optional<Part> sum(std::vector<Part> parts, DType dtype);
  // ONNX Runtime 1.19 refuses a bias that is the same for all heads, and 1.20 takes that of the
  // wrong text.
  ValueId with_all_axes(const Part& part, ValueId query, std::int64_t heads, DType dtype);
  ValueId number(double value, DType dtype);
  ValueId op(std::string_view type, std::vector<ValueId> inputs, DType dtype,
             std::string_view suffix);

  Graph& graph_;
  const ProbeShapes& shapes_;
};

}  // namespace hasten::graph
