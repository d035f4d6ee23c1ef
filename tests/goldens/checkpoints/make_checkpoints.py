"""Writes one small random checkpoint of every architecture and variant, with golden logits.

    python tests/goldens/checkpoints/make_checkpoints.py

Each folder gets config.json and model.safetensors as training would have left them, and golden.json:
"pad_id" and "rows" of "ids", "type_ids" and "logits" (float64 arithmetic over the stored weights, eager
attention, one text at a time). Sizes are odd on purpose: nothing may depend on multiples of 8 or 64.
Needs torch 2.15.0, transformers 4.57.6, safetensors 0.8.0.
"""

import json
import shutil
from importlib.metadata import version
from pathlib import Path

import torch
import transformers as hf
from safetensors.torch import save_file

VERSIONS = {"torch": "2.15.0", "transformers": "4.57.6", "safetensors": "0.8.0"}
HERE = Path(__file__).resolve().parent
VOCABULARY = 53
LENGTHS = (1, 2, 7, 23)

SIZES = dict(vocab_size=VOCABULARY, hidden_size=30, num_hidden_layers=2, num_attention_heads=5,
             intermediate_size=37, max_position_embeddings=40, num_labels=3)
ROBERTA = SIZES | dict(type_vocab_size=1, pad_token_id=1)
DISTILBERT = dict(vocab_size=VOCABULARY, dim=28, n_layers=2, n_heads=4, hidden_dim=45,
                  max_position_embeddings=33, num_labels=2)
ALBERT = SIZES | dict(embedding_size=14, num_hidden_layers=3)
ELECTRA = SIZES | dict(embedding_size=18)
DEBERTA = SIZES | dict(relative_attention=True, position_buckets=8, norm_rel_ebd="layer_norm",
                       share_att_key=True, pos_att_type="p2c|c2p", position_biased_input=False,
                       type_vocab_size=0, max_relative_positions=-1)
MODERNBERT = SIZES | dict(num_attention_heads=3, num_hidden_layers=4, local_attention=6,
                          pad_token_id=0, cls_token_id=1, sep_token_id=2, bos_token_id=1,
                          eos_token_id=2)

BERT_CLASS = hf.BertForSequenceClassification
CASES = {
    "bert": (BERT_CLASS, SIZES | dict(num_labels=4)),
    "bert_one_label": (BERT_CLASS, SIZES | dict(num_labels=1, num_hidden_layers=1)),
    "bert_relative_key": (BERT_CLASS, SIZES | dict(position_embedding_type="relative_key")),
    "bert_relative_key_query":
        (BERT_CLASS, SIZES | dict(position_embedding_type="relative_key_query")),
    "roberta": (hf.RobertaForSequenceClassification, ROBERTA),
    "roberta_two_types":
        (hf.RobertaForSequenceClassification, ROBERTA | dict(type_vocab_size=2, num_hidden_layers=1)),
    "bertweet": (hf.RobertaForSequenceClassification,
                 ROBERTA | dict(max_position_embeddings=26, layer_norm_eps=1e-5)),
    "xlm_roberta": (hf.XLMRobertaForSequenceClassification, ROBERTA | dict(num_labels=1)),
    "camembert": (hf.CamembertForSequenceClassification, ROBERTA | dict(pad_token_id=1)),
    "distilbert": (hf.DistilBertForSequenceClassification, DISTILBERT),
    "distilbert_relu": (hf.DistilBertForSequenceClassification,
                        DISTILBERT | dict(activation="relu", sinusoidal_pos_embds=True, n_layers=1)),
    "electra": (hf.ElectraForSequenceClassification, ELECTRA),
    "electra_one_width":
        (hf.ElectraForSequenceClassification, ELECTRA | dict(embedding_size=30, num_hidden_layers=1)),
    "albert": (hf.AlbertForSequenceClassification, ALBERT),
    "albert_groups": (hf.AlbertForSequenceClassification,
                      ALBERT | dict(num_hidden_layers=4, num_hidden_groups=2, inner_group_num=2)),
    "albert_relative_key": (hf.AlbertForSequenceClassification,
                            ALBERT | dict(position_embedding_type="relative_key_query",
                                          num_hidden_layers=2)),
    "mpnet": (hf.MPNetForSequenceClassification, SIZES),
    "deberta_v3": (hf.DebertaV2ForSequenceClassification, DEBERTA),
    "deberta_v2_convolution":
        (hf.DebertaV2ForSequenceClassification,
         DEBERTA | dict(conv_kernel_size=3, conv_act="gelu", position_biased_input=True,
                        type_vocab_size=2, embedding_size=22)),
    "deberta_v2_own_projections":
        (hf.DebertaV2ForSequenceClassification,
         DEBERTA | dict(share_att_key=False, norm_rel_ebd="none", position_buckets=-1,
                        pos_att_type=["c2p", "p2c"], conv_kernel_size=5, conv_groups=5,
                        pooler_hidden_act="tanh", max_relative_positions=9)),
    "deberta_v2_c2p": (hf.DebertaV2ForSequenceClassification,
                       DEBERTA | dict(pos_att_type="c2p", num_hidden_layers=1)),
    "deberta_v2_absolute":
        (hf.DebertaV2ForSequenceClassification,
         DEBERTA | dict(relative_attention=False, pos_att_type=None, position_biased_input=True,
                        num_hidden_layers=1)),
    "modernbert": (hf.ModernBertForSequenceClassification, MODERNBERT),
    "modernbert_mean": (hf.ModernBertForSequenceClassification,
                        MODERNBERT | dict(classifier_pooling="mean", norm_bias=True,
                                          attention_bias=True, mlp_bias=True, classifier_bias=True,
                                          num_hidden_layers=3, global_attn_every_n_layers=2,
                                          hidden_activation="silu", local_rope_theta=None)),
}
ACTIVATIONS = [name for name in hf.activations.ACT2CLS if name not in ("gelu", "prelu", "xielu")]
for activation in ACTIVATIONS:
    CASES[f"activation_{activation}"] = (
        BERT_CLASS, dict(vocab_size=VOCABULARY, hidden_size=12, num_hidden_layers=1,
                         num_attention_heads=2, intermediate_size=10, max_position_embeddings=24,
                         num_labels=2, hidden_act=activation))
DEBERTA_1 = SIZES | dict(relative_attention=True, pos_att_type="c2p|p2c", position_biased_input=False,
                         type_vocab_size=0, max_relative_positions=-1)
MOBILEBERT = SIZES | dict(embedding_size=11, hidden_size=26, intra_bottleneck_size=15,
                          intermediate_size=19, num_feedforward_networks=3)
XLNET = dict(vocab_size=VOCABULARY, d_model=30, n_layer=2, n_head=5, d_inner=37, num_labels=3)
XLM = dict(vocab_size=VOCABULARY, emb_dim=30, n_layers=2, n_heads=5, max_position_embeddings=40,
           num_labels=3, layer_norm_eps=1e-6)
CASES |= {
    "deberta": (hf.DebertaForSequenceClassification, DEBERTA_1),
    "deberta_near": (hf.DebertaForSequenceClassification,
                     DEBERTA_1 | dict(max_relative_positions=9, type_vocab_size=2,
                                      position_biased_input=True, pooler_hidden_act="tanh")),
    "deberta_c2p": (hf.DebertaForSequenceClassification,
                    DEBERTA_1 | dict(pos_att_type=["c2p"], num_hidden_layers=1, embedding_size=22)),
    "deberta_absolute": (hf.DebertaForSequenceClassification,
                         DEBERTA_1 | dict(relative_attention=False, position_biased_input=True,
                                          num_hidden_layers=1)),
    "rembert": (hf.RemBertForSequenceClassification,
                SIZES | dict(input_embedding_size=14, output_embedding_size=33)),
    "squeezebert": (hf.SqueezeBertForSequenceClassification,
                    SIZES | dict(hidden_size=28, num_attention_heads=7, intermediate_size=36,
                                 embedding_size=28)),
    "squeezebert_groups": (hf.SqueezeBertForSequenceClassification,
                           SIZES | dict(embedding_size=30, intermediate_size=45, q_groups=1, k_groups=5,
                                        v_groups=2, post_attention_groups=3, intermediate_groups=15,
                                        output_groups=5, num_hidden_layers=1, layer_norm_eps=1e-3)),
    "mobilebert": (hf.MobileBertForSequenceClassification, MOBILEBERT),
    "mobilebert_normalized":
        (hf.MobileBertForSequenceClassification,
         MOBILEBERT | dict(normalization_type="layer_norm", use_bottleneck_attention=True,
                           trigram_input=False, classifier_activation=False, num_hidden_layers=1,
                           layer_norm_eps=1e-3)),
    "mobilebert_wide": (hf.MobileBertForSequenceClassification,
                        MOBILEBERT | dict(use_bottleneck=False, hidden_size=30, num_hidden_layers=1,
                                          num_feedforward_networks=1, embedding_size=30,
                                          trigram_input=False)),
    "convbert": (hf.ConvBertForSequenceClassification,
                 SIZES | dict(num_attention_heads=6, embedding_size=14, conv_kernel_size=5)),
    "convbert_groups": (hf.ConvBertForSequenceClassification,
                        SIZES | dict(hidden_size=24, num_attention_heads=4, intermediate_size=36,
                                     embedding_size=24, num_groups=3, head_ratio=4,
                                     conv_kernel_size=9, hidden_act="relu", num_hidden_layers=1)),
    "xlnet": (hf.XLNetForSequenceClassification, XLNET),
    "xlnet_clamped": (hf.XLNetForSequenceClassification,
                      XLNET | dict(clamp_len=6, n_layer=1, summary_type="first",
                                   summary_use_proj=False, summary_activation=None)),
    "big_bird": (hf.BigBirdForSequenceClassification,
                 SIZES | dict(block_size=4, num_random_blocks=1, attention_type="block_sparse")),
    "big_bird_full": (hf.BigBirdForSequenceClassification,
                      SIZES | dict(attention_type="original_full", hidden_act="relu", num_hidden_layers=1)),
    "longformer": (hf.LongformerForSequenceClassification,
                   ROBERTA | dict(attention_window=[4, 8], max_position_embeddings=45, layer_norm_eps=1e-5)),
    "longformer_wide": (hf.LongformerForSequenceClassification,
                        ROBERTA | dict(attention_window=16, num_hidden_layers=1)),
    "nystromformer": (hf.NystromformerForSequenceClassification,
                      SIZES | dict(conv_kernel_size=5, pad_token_id=0)),
    "nystromformer_plain": (hf.NystromformerForSequenceClassification,
                            SIZES | dict(conv_kernel_size=None, num_landmarks=3, segment_means_seq_len=3,
                                         hidden_act="gelu", num_hidden_layers=1)),
    "xlm": (hf.XLMForSequenceClassification, XLM),
    "xlm_languages": (hf.XLMForSequenceClassification,
                      XLM | dict(n_langs=3, gelu_activation=False, n_layers=1, num_labels=1)),
    "flaubert": (hf.FlaubertForSequenceClassification, XLM | dict(sinusoidal_embeddings=True)),
    "flaubert_normalized_before": (hf.FlaubertForSequenceClassification, XLM | dict(pre_norm=True)),
}
# Settings that few published models change.
CASES |= {
    "big_bird_without_bias": (hf.BigBirdForSequenceClassification,
                              SIZES | dict(block_size=4, num_random_blocks=1, use_bias=False)),
    "big_bird_rescaled": (hf.BigBirdForSequenceClassification,
                          SIZES | dict(attention_type="original_full", rescale_embeddings=True,
                                       num_hidden_layers=1, layer_norm_eps=1e-3)),
    "bert_five_types": (BERT_CLASS, SIZES | dict(type_vocab_size=5, layer_norm_eps=1e-3, num_hidden_layers=1)),
    "roberta_relative_key_query": (hf.RobertaForSequenceClassification,
                                   ROBERTA | dict(position_embedding_type="relative_key_query",
                                                  num_hidden_layers=1)),
    "electra_relative_key": (hf.ElectraForSequenceClassification,
                             ELECTRA | dict(position_embedding_type="relative_key", summary_activation="tanh",
                                            num_hidden_layers=1)),
    "mpnet_more_buckets": (hf.MPNetForSequenceClassification,
                           SIZES | dict(relative_attention_num_buckets=40, layer_norm_eps=1e-3,
                                        num_hidden_layers=1)),
    "deberta_v2_buckets": (hf.DebertaV2ForSequenceClassification,
                           DEBERTA | dict(position_buckets=6, max_relative_positions=20, layer_norm_eps=1e-3,
                                          pos_att_type="p2c", num_hidden_layers=1)),
    "modernbert_rotary": (hf.ModernBertForSequenceClassification,
                          MODERNBERT | dict(global_rope_theta=500.0, local_rope_theta=300.0, norm_eps=1e-3,
                                            classifier_activation="tanh", num_hidden_layers=2)),
    "xlnet_relu": (hf.XLNetForSequenceClassification,
                   XLNET | dict(ff_activation="relu", untie_r=False, summary_activation="relu",
                                layer_norm_eps=1e-3, n_layer=1)),
    "xlm_sinusoidal": (hf.XLMForSequenceClassification, XLM | dict(sinusoidal_embeddings=True, n_layers=1)),
    "longformer_two_types": (hf.LongformerForSequenceClassification,
                             ROBERTA | dict(attention_window=[6], type_vocab_size=2, num_hidden_layers=1)),
    "rembert_relu": (hf.RemBertForSequenceClassification,
                     SIZES | dict(input_embedding_size=30, output_embedding_size=11, hidden_act="relu",
                                  layer_norm_eps=1e-3, num_hidden_layers=1)),
}


def rename(names):
    return lambda tensors: {names(name): tensor for name, tensor in tensors.items()}


def with_buffers(tensors):
    return tensors | {"bert.embeddings.position_ids": torch.arange(40).unsqueeze(0),
                      "cls.predictions.bias": torch.zeros(VOCABULARY)}


# What else a file may look like: (case it is made like, change of the tensors, change of the config).
FORMS = {
    "half": ("bert", lambda tensors: {n: t.half() for n, t in tensors.items()}, {}),
    "bfloat16": ("roberta", lambda tensors: {n: t.bfloat16() for n, t in tensors.items()}, {}),
    "half_deberta": ("deberta_v2_convolution",
                     lambda tensors: {n: t.half() for n, t in tensors.items()}, {}),
    "half_modernbert": ("modernbert", lambda tensors: {n: t.half() for n, t in tensors.items()}, {}),
    "double": ("distilbert", lambda tensors: {n: t.double() for n, t in tensors.items()}, {}),
    "data_parallel": ("electra", rename(lambda name: "module." + name), {}),
    "gamma_and_beta":
        ("bert_one_label",
         rename(lambda name: name.replace("LayerNorm.weight", "LayerNorm.gamma")
                .replace("LayerNorm.bias", "LayerNorm.beta")), {}),
    "without_prefix": ("bert_one_label", rename(lambda name: name.removeprefix("bert.")), {}),
    "leftovers": ("bert", with_buffers, {}),
    "multi_label_class": ("roberta_two_types", dict,
                          {"architectures": ["RobertaForMultiLabelSequenceClassification"]}),
    "without_architectures": ("electra_one_width", dict, {"architectures": None}),
    "modernbert_of_transformers_5":
        ("modernbert_rotary", dict,
         {"global_rope_theta": None, "local_rope_theta": None,
          "rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 500.0},
                              "sliding_attention": {"rope_type": "default", "rope_theta": 300.0}},
          "layer_types": ["full_attention", "sliding_attention"]}),
}


def check_versions():
    for package, wanted in VERSIONS.items():
        found = version(package).split("+")[0]
        if found != wanted:
            raise SystemExit(f"{package} {wanted} is needed, {found} is installed")


def make_model(model_class, settings, generator):
    """A model whose every weight counts: a fresh one attends to all tokens alike."""
    config = model_class.config_class(**settings)
    config.architectures = [model_class.__name__]
    config._attn_implementation = "eager"
    model = model_class(config).eval()
    for name, parameter in model.named_parameters():
        spread = 0.3 if parameter.dim() > 1 else 0.2
        values = torch.randn(parameter.shape, generator=generator) * spread
        if parameter.dim() == 1 and name.endswith("weight"):
            values += 1
        parameter.data = values
    return model


def golden_rows(model, generator):
    has_types = model.config.model_type in ("xlnet", "xlm", "flaubert") or (
        getattr(model.config, "type_vocab_size", 0) == 2 and
        model.config.model_type not in ("roberta", "xlm-roberta", "camembert", "mpnet", "big_bird", "longformer"))
    rows = []
    for length in LENGTHS:
        ids = torch.randint(3, VOCABULARY, (1, length), generator=generator)
        types = torch.zeros_like(ids)
        if has_types:
            types[:, length // 2:] = 1
        if model.config.model_type == "xlnet":
            types[:, -1] = 2
        inputs = {"token_type_ids": types} if has_types else {}
        with torch.no_grad():
            logits = model(input_ids=ids, attention_mask=torch.ones_like(ids), **inputs).logits
        rows.append({"ids": ids[0].tolist(), "type_ids": types[0].tolist(),
                     "logits": logits[0].tolist()})
    return rows


def write_case(name, model, tensors, config_changes, generator):
    folder = HERE / name
    folder.mkdir()
    config = json.loads(model.config.to_json_string()) | config_changes
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file({n: t.contiguous() for n, t in tensors.items()}, folder / "model.safetensors")
    golden = {"pad_id": model.config.pad_token_id or 0, "rows": golden_rows(model, generator)}
    (folder / "golden.json").write_text(json.dumps(golden) + "\n")


def exact_layer_norm(self, hidden_states):
    """DeBERTa's own goes through float32."""
    return torch.nn.functional.layer_norm(hidden_states, self.weight.shape, self.weight, self.bias,
                                          self.variance_epsilon)


def main():
    check_versions()
    hf.models.deberta.modeling_deberta.DebertaLayerNorm.forward = exact_layer_norm
    for folder in HERE.iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    for number, (name, (model_class, settings)) in enumerate(CASES.items()):
        generator = torch.Generator().manual_seed(number)
        model = make_model(model_class, settings, generator).double()
        tensors = {n: t.float() for n, t in model.state_dict().items()}
        write_case(name, model, tensors, {}, generator)
    for number, (name, (like, change, config_changes)) in enumerate(FORMS.items()):
        generator = torch.Generator().manual_seed(1000 + number)
        model = make_model(*CASES[like], generator).double()
        tensors = change({n: t.float() for n, t in model.state_dict().items()})
        if name.startswith(("half", "bfloat16", "double")):
            model.load_state_dict({n: t.double() for n, t in tensors.items()})
        write_case(name, model, tensors, config_changes, generator)


if __name__ == "__main__":
    main()
