#include "optimizer_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include <hasten/error.h>

namespace hasten::cli {
namespace {

constexpr const char* k_group = "Flags of onnxruntime.transformers.optimizer";

// A fusion that is left out.
struct SkipFlag {
  const char* flag;
  const char* help;
  std::vector<const char*> passes;
};
const SkipFlag k_skips[] = {
    {"--disable_attention", "No Attention", {"fuse_attention", "fuse_attention_operators"}},
    {"--disable_skip_layer_norm", "No SkipLayerNormalization", {"fuse_skip_layer_normalization"}},
    {"--disable_embed_layer_norm",
     "No EmbedLayerNormalization",
     {"fuse_embedding_layer_normalization"}},
    {"--disable_bias_gelu", "No BiasGelu", {"fuse_bias_gelu"}},
    {"--disable_layer_norm", "No LayerNormalization", {"fuse_layer_normalization"}},
    {"--disable_gelu", "No Gelu", {"fuse_gelu"}},
};

// A flag whose wish is fulfilled by what Hasten is.
struct FulfilledFlag {
  const char* flag;
  const char* help;
};
constexpr FulfilledFlag k_fulfilled[] = {
    {"--use_gpu", "The graph written is the same for every device"},
    {"--use_raw_attention_mask", "Attention takes the 2-D mask: always so"},
    {"--convert_attribute", "Attributes of dynamo exports are read: always so"},
    {"--verbose", "The report says all that was done"},
    {"--disable_shape_inference",
     "Shapes are inferred by Hasten itself, which no model is too large for"},
    {"--disable_symbolic_shape_infer", "The same"},
    {"--disable_rotary_embeddings", "Rotary embeddings stay as they are: always so"},
    {"--disable_group_norm", "Of diffusion models, as are the next: these fusions are never made"},
    {"--disable_skip_group_norm", "See --disable_group_norm"},
    {"--disable_packed_kv", "See --disable_group_norm"},
    {"--disable_packed_qkv", "See --disable_group_norm"},
    {"--disable_bias_add", "See --disable_group_norm"},
    {"--disable_bias_splitgelu", "See --disable_group_norm"},
    {"--disable_nhwc_conv", "See --disable_group_norm"},
};

struct RefusedFlag {
  const char* flag;
  const char* what;
  const char* reason;
  const char* remedy;
};
constexpr RefusedFlag k_refused[] = {
    {"--use_mask_index", "masks as lengths are not written",
     "scores would be wrong for texts that are not padded on the right alone",
     "Leave out --use_mask_index: Attention takes the 2-D mask."},
    {"--convert_to_packing_mode", "packed graphs are not written",
     "no runtime has their operators on a CPU",
     "Leave it out: 'hasten predict' and 'hasten label' never compute padding."},
    {"--enable_gemm_fast_gelu", "GemmFastGelu is not written",
     "no runtime has a kernel for it on CPUs or CUDA", "Use --enable_gelu_approximation."},
    {"--use_group_norm_channels_first", "GroupNorm is not written",
     "it belongs to diffusion models", "Leave it out."},
};

constexpr const char* k_encoder_types[] = {"bert", "bert_tf", "bert_keras"};
constexpr const char* k_other_types[] = {"bart",     "clip",  "conformer", "gpt2", "gpt2_tf",
                                         "gpt_neox", "mmdit", "phi",       "sam2", "swin",
                                         "t5",       "tnlr",  "unet",      "vae",  "vit"};
constexpr const char* k_providers[] = {"cpu",      "cuda", "dml",     "migraphx",
                                       "openvino", "rocm", "tensorrt"};

bool is_one_of(std::span<const char* const> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Passes of ONNX Runtime's first level: they clean, and fuse nothing.
bool is_cleaning(const std::string& pass) {
  return !pass.starts_with("fuse_") && pass != "fold_constant_lookups";
}

}  // namespace

struct OptimizerFlags::Values {
  std::string model_type = "bert";
  std::string provider;
  int opt_level = -1;
  bool only_onnxruntime = false;
  bool float16 = false;
  std::vector<const SkipFlag*> skips;
  const RefusedFlag* refused = nullptr;
};

OptimizerFlags::OptimizerFlags() : values_(std::make_unique<Values>()) {}
OptimizerFlags::~OptimizerFlags() = default;

void OptimizerFlags::add_to(CLI::App& verb, OptimizeOptions& options) {
  Values* values = values_.get();
  const auto group = [&](CLI::Option* option) { option->group(k_group); };
  group(verb.add_option("--model_type", values->model_type,
                        "bert, bert_tf or bert_keras: every encoder is read alike"));
  group(verb.add_option("--num_heads", options.num_heads,
                        "Heads that the model must have; 0: read from the graph"));
  group(verb.add_option("--hidden_size", options.hidden_size,
                        "Width that the model must have; 0: read from the graph"));
  group(verb.add_option("--opt_level", values->opt_level,
                        "0, 1, 2 or 99: what --only_onnxruntime does; all passes run without it"));
  group(verb.add_flag(
      "--only_onnxruntime", values->only_onnxruntime,
      "Only what ONNX Runtime does at --opt_level: 0 nothing, 1 cleaning, 2 and 99 all"));
  group(verb.add_option("--provider", values->provider,
                        "Execution provider by name: the graph is the same for all"));
  group(verb.add_flag("--input_int32", options.int32_inputs, "int64 inputs become int32"));
  group(verb.add_flag("--use_external_data_format", options.external_data,
                      "Weights in a file of their own, also below 2 GB"));
  group(verb.add_flag("--enable_gelu_approximation", options.approximate_gelu,
                      "FastGelu for exact GELU"));
  group(verb.add_flag("--no_attention_mask", options.drop_masks,
                      "Attention reads no mask: for texts without padding"));
  group(verb.add_flag("--use_multi_head_attention", options.multi_head_attention,
                      "MultiHeadAttention for Attention"));
  group(verb.add_flag("--disable_bias_skip_layer_norm", options.separate_skip_biases,
                      "No bias inside SkipLayerNormalization"));
  for (const SkipFlag& skip : k_skips) {
    group(verb.add_flag_function(
        skip.flag, [values, &skip](std::int64_t) { values->skips.push_back(&skip); }, skip.help));
  }
  for (const FulfilledFlag& flag : k_fulfilled) {
    group(verb.add_flag_function(
        flag.flag, [](std::int64_t) {}, flag.help));
  }
  for (const RefusedFlag& flag : k_refused) {
    group(verb.add_flag_function(
        flag.flag, [values, &flag](std::int64_t) { values->refused = &flag; },
        fmt::format("Refused: {}", flag.reason)));
  }
}

void OptimizerFlags::apply(OptimizeOptions& options) const {
  if (const RefusedFlag* refused = values_->refused) {
    throw Error(
        {ErrorCode::k_unsupported, refused->what, refused->flag, refused->reason, refused->remedy});
  }
  if (is_one_of(k_other_types, values_->model_type)) {
    throw Error({ErrorCode::k_unsupported,
                 fmt::format("models of type {} are not optimised", values_->model_type),
                 "--model_type", "they are no text encoders",
                 "Give bert, bert_tf or bert_keras for an encoder."});
  }
  if (!is_one_of(k_encoder_types, values_->model_type)) {
    throw Error({ErrorCode::k_usage,
                 fmt::format("there is no model type '{}'", values_->model_type),
                 "--model_type",
                 {},
                 "Choose one of: bert, bert_tf, bert_keras."});
  }
  if (!values_->provider.empty() && !is_one_of(k_providers, values_->provider)) {
    throw Error({ErrorCode::k_usage,
                 fmt::format("there is no provider '{}'", values_->provider),
                 "--provider",
                 {},
                 "Choose one of: cpu, cuda, dml, migraphx, openvino, rocm, tensorrt."});
  }
  const int level = values_->opt_level;
  if (level != -1 && level != 0 && level != 1 && level != 2 && level != 99) {
    throw Error({ErrorCode::k_usage,
                 fmt::format("there is no level {}", level),
                 "--opt_level",
                 {},
                 "Choose one of: 0, 1, 2, 99."});
  }
  for (const SkipFlag* skip : values_->skips) {
    options.skip_passes.insert(options.skip_passes.end(), skip->passes.begin(), skip->passes.end());
  }
  if (!values_->only_onnxruntime || level >= 2) return;
  for (const PassSummary& pass : list_passes()) {
    if (level == 0 || !is_cleaning(pass.name)) options.skip_passes.push_back(pass.name);
  }
}

}  // namespace hasten::cli
