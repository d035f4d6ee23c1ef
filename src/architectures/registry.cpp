#include <fmt/format.h>

#include <string>

#include "architectures/architecture.h"
#include "architectures/families.h"
#include "base/error.h"

namespace hasten::architectures {
namespace {

constexpr Architecture k_architectures[] = {
    {"AlbertForSequenceClassification", "albert", build_albert},
    {"BertForSequenceClassification", "bert", build_bert},
    {"BigBirdForSequenceClassification", "big_bird", build_big_bird},
    {"CamembertForSequenceClassification", "camembert", build_roberta},
    {"ConvBertForSequenceClassification", "convbert", build_convbert},
    {"DebertaForSequenceClassification", "deberta", build_deberta},
    {"DebertaV2ForSequenceClassification", "deberta-v2", build_deberta_v2},
    {"DistilBertForSequenceClassification", "distilbert", build_distilbert},
    {"ElectraForSequenceClassification", "electra", build_electra},
    {"FlaubertForSequenceClassification", "flaubert", build_xlm},
    {"LongformerForSequenceClassification", "longformer", build_longformer},
    {"MobileBertForSequenceClassification", "mobilebert", build_mobilebert},
    {"ModernBertForSequenceClassification", "modernbert", build_modernbert},
    {"MPNetForSequenceClassification", "mpnet", build_mpnet},
    {"NystromformerForSequenceClassification", "nystromformer", build_nystromformer},
    {"RemBertForSequenceClassification", "rembert", build_rembert},
    {"RobertaForSequenceClassification", "roberta", build_roberta},
    {"SqueezeBertForSequenceClassification", "squeezebert", build_squeezebert},
    {"XLMForSequenceClassification", "xlm", build_xlm},
    {"XLMRobertaForSequenceClassification", "xlm-roberta", build_roberta},
    {"XLNetForSequenceClassification", "xlnet", build_xlnet},
};

std::string list_known() {
  std::string out;
  for (const Architecture& architecture : k_architectures) {
    out += fmt::format("{}{} ({})", out.empty() ? "" : ", ", architecture.name,
                       architecture.model_type);
  }
  return out;
}

const Architecture* find_by_model_type(std::string_view model_type) {
  for (const Architecture& architecture : k_architectures) {
    if (architecture.model_type == model_type) return &architecture;
  }
  return nullptr;
}

// simpletransformers saves multi-label models under a class name of its own.
bool names(std::string_view saved, const Architecture& architecture) {
  constexpr std::string_view k_task = "ForSequenceClassification";
  const std::string_view family =
      architecture.name.substr(0, architecture.name.size() - k_task.size());
  return saved == architecture.name ||
         (saved.starts_with(family) &&
          saved.substr(family.size()) == "ForMultiLabelSequenceClassification");
}

const Architecture* find_by_name(std::string_view name) {
  for (const Architecture& architecture : k_architectures) {
    if (names(name, architecture)) return &architecture;
  }
  return nullptr;
}

// Heads for other tasks: their tensors may bear a classifier's names and mean something else.
constexpr std::string_view k_other_tasks[] = {"ForTokenClassification",   "ForQuestionAnswering",
                                              "ForMultipleChoice",        "ForCausalLM",
                                              "ForConditionalGeneration", "LMHeadModel"};

std::string first_architecture(const Json& config) {
  const Json& list = config["architectures"];
  if (!list.is_array() || list.as_array("architectures").empty()) return {};
  return list.as_array("architectures")[0].as_string("architectures");
}

[[noreturn]] void refuse(std::string what, const checkpoint::Checkpoint& checkpoint,
                         std::string cause) {
  fail(ErrorCode::k_unsupported, std::move(what), (checkpoint.folder / "config.json").string(),
       std::move(cause), fmt::format("Known are: {}.", list_known()));
}

}  // namespace

std::span<const Architecture> all_architectures() {
  return k_architectures;
}

const Architecture& find_architecture(const checkpoint::Checkpoint& checkpoint) {
  const std::string name = first_architecture(checkpoint.config);
  for (const std::string_view task : k_other_tasks) {
    if (name.ends_with(task))
      refuse(fmt::format("{} is not a classifier of texts", name), checkpoint, {});
  }
  // As transformers' AutoModelForSequenceClassification, which goes by the model type alone.
  const std::string model_type = checkpoint.config.get_string("model_type", "");
  if (const Architecture* found = find_by_model_type(model_type)) return *found;
  if (!model_type.empty()) {
    const std::string named = name.empty() ? "" : fmt::format(" (architecture {})", name);
    refuse(fmt::format("the model type {}{} is not known", model_type, named), checkpoint, {});
  }
  if (const Architecture* found = find_by_name(name)) return *found;
  if (name.empty())
    refuse("neither architectures nor model_type is there", checkpoint, "another tool wrote it");
  refuse(fmt::format("the architecture {} is not known", name), checkpoint, {});
}

BuiltModel build(const checkpoint::Checkpoint& checkpoint) {
  try {
    return find_architecture(checkpoint).build(checkpoint);
  } catch (const Error& error) {
    if (!error.details().where.empty()) throw;
    ErrorDetails placed = error.details();
    placed.where = checkpoint.folder.string();
    throw Error(std::move(placed));
  }
}

}  // namespace hasten::architectures
