// Results as JSON: the one-line objects that the command prints and that other front ends pass on.
#pragma once

#include <span>
#include <string>

#include <hasten/bench.h>
#include <hasten/classify.h>
#include <hasten/convert.h>
#include <hasten/inspect.h>
#include <hasten/label.h>
#include <hasten/optimize.h>
#include <hasten/status.h>
#include <hasten/tokenize.h>
#include <hasten/tune.h>
#include <hasten/verify.h>

namespace hasten {

// One line without its end. U+0085, U+2028 and U+2029 are escaped; numbers have the shortest digits
// that read back as the same float32; NaN and infinities are strings.
//
// {"text", ["text_pair"], "label", "probabilities", "logits", "token_count", "truncated", ["error"]}
// `error` is there for rows whose status is not ok or whose scores are not finite; `text` and `label` are
// null and the arrays empty for rows without a text, and `label` is null where scores are not finite.
std::string to_json(const TextRow& row, const Classification& result,
                    std::span<const std::string> labels);

// {"text", ["text_pair"], "tokens", "ids", "type_ids", "truncated", ["error"]}
std::string to_json(const TextRow& row, const Tokens& tokens);

std::string to_json(const ConvertReport& report);
std::string to_json(const OptimizeReport& report);
std::string to_json(const ModelSummary& summary);
std::string to_json(const CpuSummary& summary);
std::string to_json(const DeviceSummary& summary);
std::string to_json(const LabelReport& report);
std::string to_json(const LabelEstimate& estimate);
std::string to_json(const JobStatus& status);
std::string to_json(const MergeReport& report);
std::string to_json(const BenchReport& report);
// Without the points of the plots; NaN is null.
std::string to_json(const VerifyReport& report, bool with_texts = true);
std::string to_json(const TuneReport& report);

}  // namespace hasten
