#include "checkpoint/refusals.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.h"
#include "checkpoint/quote_name.h"

namespace hasten::checkpoint {
namespace {

constexpr std::array<std::string_view, 4> k_weights = {
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
    "pytorch_model.bin.index.json"};

bool is_set(const Json& value) {
  if (value.is_object()) return !value.as_object("").empty();
  return !value.is_null();
}

bool is_true(const Json& value) {
  return value.is_bool() && value.as_bool("");
}

bool holds_checkpoint(const std::filesystem::path& folder) {
  std::error_code error;
  return std::any_of(k_weights.begin(), k_weights.end(), [&](std::string_view name) {
    return std::filesystem::exists(folder / name, error);
  });
}

// Subfolders, and those of `snapshots`, that hold weights; at most five, sorted.
std::vector<std::string> find_checkpoints_below(const std::filesystem::path& folder) {
  std::vector<std::string> found;
  for (const auto& parent : {folder, folder / "snapshots"}) {
    std::error_code error;
    std::size_t looked_at = 0;
    for (auto entry = std::filesystem::directory_iterator(parent, error);
         !error && entry != std::filesystem::directory_iterator() && looked_at < 1000;
         entry.increment(error), ++looked_at) {
      std::error_code ignored;
      if (!entry->is_directory(ignored) || !holds_checkpoint(entry->path())) continue;
      found.push_back(entry->path().lexically_relative(folder).string());
    }
  }
  std::sort(found.begin(), found.end());
  if (found.size() > 5) found.resize(5);
  return found;
}

std::string remedy_for(const SourceFolder& folder, std::string otherwise) {
  const auto below = find_checkpoints_below(folder.path());
  if (below.empty()) return otherwise;
  return fmt::format("Checkpoints lie in subfolders: give {}.", fmt::join(below, " or "));
}

// What else may be there instead of weights that can be read, and what to do about it.
struct OtherWeights {
  const char* name;  // of the file; ".x": of any file with that extension
  const char* cause;
  const char* remedy;
};

bool holds(const SourceFolder& folder, const std::string& name) {
  if (!name.starts_with('.')) return folder.has(name);
  std::error_code error;
  const std::filesystem::directory_iterator files(folder.path(), error);
  return std::any_of(begin(files), end(files),
                     [&](const auto& entry) { return entry.path().extension() == name; });
}

const OtherWeights* find_other_weights(const SourceFolder& folder) {
  constexpr const char* k_source = "Give the folder that the training script saved the model to.";
  constexpr const char* k_exported =
      "Use it as it is; 'hasten optimize FOLDER OUT.onnx' makes one self-contained file of it.";
  static constexpr std::array<OtherWeights, 9> k_others = {
      {{"tf_model.h5", "TensorFlow weights (tf_model.h5) cannot be read",
        "Save them with PyTorch: AutoModelForSequenceClassification.from_pretrained(folder, "
        "from_tf=True).save_pretrained(folder)."},
       {"flax_model.msgpack", "Flax weights (flax_model.msgpack) cannot be read",
        "Save them with PyTorch: AutoModelForSequenceClassification.from_pretrained(folder, "
        "from_flax=True).save_pretrained(folder)."},
       {"model.ckpt.index", "TensorFlow 1 weights (model.ckpt) cannot be read",
        "Save them with PyTorch: AutoModelForSequenceClassification.from_pretrained("
        "\"model.ckpt.index\", from_tf=True, config=config).save_pretrained(folder)."},
       {"onnx_model.onnx", "the folder was exported to ONNX", k_exported},
       {"model.onnx", "the folder was exported to ONNX", k_exported},
       {"onnx/model.onnx", "the folder was exported to ONNX", k_exported},
       {"openvino_model.xml", "an OpenVINO export (openvino_model.xml) cannot be read", k_source},
       {"rust_model.ot", "weights of rust-bert (rust_model.ot) cannot be read", k_source},
       {".gguf", "weights of llama.cpp (GGUF) cannot be read", k_source}}};
  const auto found = std::find_if(k_others.begin(), k_others.end(),
                                  [&](const auto& other) { return holds(folder, other.name); });
  return found == k_others.end() ? nullptr : &*found;
}

[[noreturn]] void fail_setting(const SourceFolder& folder, const char* file,
                               const std::string& what, const char* remedy) {
  fail(ErrorCode::k_unsupported, what, folder.where(file), {}, remedy);
}

// bitsandbytes' first files do not name their method.
std::string quantization_method(const Json& quantization) {
  if (const Json& method = quantization["quant_method"]; method.is_string()) {
    return method.as_string("");
  }
  const bool is_bitsandbytes =
      is_true(quantization["load_in_8bit"]) || is_true(quantization["load_in_4bit"]);
  return is_bitsandbytes ? "bitsandbytes" : "unknown";
}

void refuse_quantised(const SourceFolder& folder, const Json& config, const Json& model_args) {
  constexpr const char* k_remedy = "Give the checkpoint as it was before quantisation.";
  if (const Json& quantization = config["quantization_config"]; is_set(quantization)) {
    fail_setting(folder, "config.json",
                 fmt::format("quantised weights (quantization_config, method {})",
                             quote_name(quantization_method(quantization))),
                 k_remedy);
  }
  // AutoGPTQ's and AutoAWQ's own files.
  for (const char* file : {"quantize_config.json", "quant_config.json"}) {
    if (folder.has(file)) fail_setting(folder, file, "quantised weights (GPTQ or AWQ)", k_remedy);
  }
  for (const char* key : {"quantized_model", "dynamic_quantize"}) {
    if (is_true(model_args[key])) {
      fail_setting(folder, "model_args.json", fmt::format("quantised weights ({})", key), k_remedy);
    }
  }
}

}  // namespace

void refuse_unknown_kinds(const SourceFolder& folder, const Json& config, const Json& model_args,
                          const Json& tokenizer_config) {
  if (folder.has("adapter_config.json")) {
    fail_setting(
        folder, "adapter_config.json", "a LoRA/PEFT adapter, which is no model by itself",
        "Merge it into its base model first: model.merge_and_unload().save_pretrained(folder).");
  }
  refuse_quantised(folder, config, model_args);
  constexpr const char* k_remote_code_remedy =
      "Only models whose code is part of the transformers library can be taken.";
  if (is_set(config["auto_map"])) {
    fail_setting(folder, "config.json", "the model needs code from its repository (auto_map)",
                 k_remote_code_remedy);
  }
  if (is_set(tokenizer_config["auto_map"])) {
    fail_setting(folder, "tokenizer_config.json",
                 "the tokenizer needs code from its repository (auto_map)", k_remote_code_remedy);
  }
}

void fail_without_weights(const SourceFolder& folder) {
  const OtherWeights* other = find_other_weights(folder);
  fail(ErrorCode::k_not_found,
       fmt::format("no weights here: looked for {}", fmt::join(k_weights, ", ")), folder.path(),
       other == nullptr ? "" : other->cause,
       remedy_for(folder, other == nullptr
                              ? "Give the folder that the training script saved the model to."
                              : other->remedy));
}

void fail_without_config(const SourceFolder& folder) {
  fail(ErrorCode::k_not_found, "no config.json here", folder.path(), {},
       remedy_for(folder, "Copy config.json of the same model into the folder."));
}

}  // namespace hasten::checkpoint
