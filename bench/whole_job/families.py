"""Shapes of models whose attention positions have a say in: DeBERTa-v3, ModernBERT and MPNet, base size."""

COMMON = {"hidden_size": 768, "num_attention_heads": 12, "num_hidden_layers": 12,
          "max_position_embeddings": 512, "pad_token_id": 0, "id2label": {"0": "no", "1": "yes"},
          "problem_type": "single_label_classification"}

DEBERTA = dict(COMMON, architectures=["DebertaV2ForSequenceClassification"], model_type="deberta-v2", hidden_act="gelu",
               intermediate_size=3072, layer_norm_eps=1e-7, type_vocab_size=0, relative_attention=True,
               max_relative_positions=-1, position_buckets=256, norm_rel_ebd="layer_norm", share_att_key=True,
               pos_att_type="p2c|c2p", position_biased_input=False, pooler_hidden_size=768, pooler_hidden_act="gelu")

MODERNBERT = dict(COMMON, architectures=["ModernBertForSequenceClassification"], model_type="modernbert",
                  hidden_activation="gelu", intermediate_size=1152, num_hidden_layers=22, max_position_embeddings=8192,
                  norm_eps=1e-5, global_rope_theta=160000.0, local_rope_theta=10000.0, global_attn_every_n_layers=3,
                  local_attention=128, classifier_pooling="mean")

MPNET = dict(COMMON, architectures=["MPNetForSequenceClassification"], model_type="mpnet", hidden_act="gelu", intermediate_size=3072,
             layer_norm_eps=1e-12, max_position_embeddings=514, pad_token_id=1, relative_attention_num_buckets=32)


def linear(shapes, name, outputs, inputs, bias=True):
    shapes[f"{name}.weight"] = (outputs, inputs)
    if bias:
        shapes[f"{name}.bias"] = (outputs,)


def norm(shapes, name, width, bias=True):
    shapes[f"{name}.weight"] = (width,)
    if bias:
        shapes[f"{name}.bias"] = (width,)


def bert_like_layers(shapes, config, prefix, attention, projections, output, attention_norm):
    width, wide = config["hidden_size"], config["intermediate_size"]
    for index in range(config["num_hidden_layers"]):
        layer = f"{prefix}.{index}."
        for projection in projections:
            linear(shapes, f"{layer}{attention}.{projection}", width, width)
        linear(shapes, layer + output, width, width)
        norm(shapes, layer + attention_norm, width)
        linear(shapes, layer + "intermediate.dense", wide, width)
        linear(shapes, layer + "output.dense", width, wide)
        norm(shapes, layer + "output.LayerNorm", width)


def deberta_tensors(config, vocabulary_size):
    width = config["hidden_size"]
    shapes = {"deberta.embeddings.word_embeddings.weight": (vocabulary_size, width),
              "deberta.encoder.rel_embeddings.weight": (2 * config["position_buckets"], width)}
    norm(shapes, "deberta.embeddings.LayerNorm", width)
    norm(shapes, "deberta.encoder.LayerNorm", width)
    bert_like_layers(shapes, config, "deberta.encoder.layer", "attention.self", ("query_proj", "key_proj", "value_proj"),
                     "attention.output.dense", "attention.output.LayerNorm")
    linear(shapes, "pooler.dense", width, width)
    linear(shapes, "classifier", 2, width)
    return shapes


def mpnet_tensors(config, vocabulary_size):
    width = config["hidden_size"]
    shapes = {"mpnet.embeddings.word_embeddings.weight": (vocabulary_size, width),
              "mpnet.embeddings.position_embeddings.weight": (config["max_position_embeddings"], width),
              "mpnet.encoder.relative_attention_bias.weight": (32, config["num_attention_heads"])}
    norm(shapes, "mpnet.embeddings.LayerNorm", width)
    bert_like_layers(shapes, config, "mpnet.encoder.layer", "attention.attn", ("q", "k", "v"), "attention.attn.o",
                     "attention.LayerNorm")
    linear(shapes, "classifier.dense", width, width)
    linear(shapes, "classifier.out_proj", 2, width)
    return shapes


def modernbert_tensors(config, vocabulary_size):
    width, wide = config["hidden_size"], config["intermediate_size"]
    shapes = {"model.embeddings.tok_embeddings.weight": (vocabulary_size, width)}
    norm(shapes, "model.embeddings.norm", width, bias=False)
    for index in range(config["num_hidden_layers"]):
        layer = f"model.layers.{index}."
        if index > 0:
            norm(shapes, layer + "attn_norm", width, bias=False)
        linear(shapes, layer + "attn.Wqkv", 3 * width, width, bias=False)
        linear(shapes, layer + "attn.Wo", width, width, bias=False)
        norm(shapes, layer + "mlp_norm", width, bias=False)
        linear(shapes, layer + "mlp.Wi", 2 * wide, width, bias=False)
        linear(shapes, layer + "mlp.Wo", width, wide, bias=False)
    norm(shapes, "model.final_norm", width, bias=False)
    linear(shapes, "head.dense", width, width, bias=False)
    norm(shapes, "head.norm", width, bias=False)
    linear(shapes, "classifier", 2, width)
    return shapes


# Name of the model -> its config, its tensors.
FAMILIES = {"deberta-v3-base": (DEBERTA, deberta_tensors), "modernbert-base": (MODERNBERT, modernbert_tensors),
            "mpnet-base": (MPNET, mpnet_tensors)}
