// What must not be guessed: settings that change what a model computes and that are not known here.
#pragma once

#include <filesystem>

#include "base/json.h"
#include "checkpoint/source_folder.h"

namespace hasten::checkpoint {

// Throws k_unsupported, naming the file and the setting: LoRA/PEFT adapters, quantised weights,
// remote code, models that simpletransformers exported or quantised.
void refuse_unknown_kinds(const SourceFolder& folder, const Json& config, const Json& model_args,
                          const Json& tokenizer_config);

// The error for a folder in which there are no weights: k_not_found, naming what was looked for,
// what is there instead (TensorFlow's, Flax's, ONNX), and checkpoints in subfolders.
[[noreturn]] void fail_without_weights(const SourceFolder& folder);

// The same for a missing config.json.
[[noreturn]] void fail_without_config(const SourceFolder& folder);

}  // namespace hasten::checkpoint
