"""A random small model of any architecture: odd sizes, every option that transformers computes with."""

import torch
import transformers as hf

NOT_ALONE = ("prelu", "xielu")  # activations with weights of their own
ACTIVATIONS = [name for name in hf.activations.ACT2CLS if name not in NOT_ALONE]


def activation(chance, usual="gelu"):
    return usual if chance.random() < 0.4 else chance.choice(ACTIVATIONS)


def epsilon(chance):
    return chance.choice([1e-12, 1e-7, 1e-5, 1e-3])


def sizes(chance, **more):
    heads = chance.randint(1, 6)
    return dict(hidden_size=heads * chance.randint(1, 13), num_attention_heads=heads,
                num_hidden_layers=chance.randint(1, 3), intermediate_size=chance.randint(1, 60),
                max_position_embeddings=chance.randint(20, 90), layer_norm_eps=epsilon(chance),
                hidden_act=activation(chance), type_vocab_size=chance.choice([2, 2, 3, 5])) | more


def relative(chance):
    kind = chance.choice(["absolute", "absolute", "relative_key", "relative_key_query"])
    return dict(position_embedding_type=kind)


def bert(chance):
    return sizes(chance) | relative(chance) | dict(classifier_dropout=chance.choice([None, 0.3]))


def roberta(chance):
    return sizes(chance, type_vocab_size=chance.choice([1, 1, 2])) | relative(chance)


def distilbert(chance):
    heads = chance.randint(1, 6)
    return dict(dim=heads * chance.randint(1, 13), n_heads=heads, n_layers=chance.randint(1, 3),
                hidden_dim=chance.randint(1, 60), max_position_embeddings=chance.randint(20, 90),
                activation=activation(chance), sinusoidal_pos_embds=chance.random() < 0.3)


def electra(chance):
    own = sizes(chance)
    return own | relative(chance) | dict(
        embedding_size=chance.choice([own["hidden_size"], chance.randint(1, 40)]),
        summary_activation=chance.choice(["gelu", "tanh"]))


def albert(chance):
    groups, inner = chance.randint(1, 3), chance.randint(1, 2)
    return sizes(chance) | relative(chance) | dict(
        embedding_size=chance.randint(1, 40), num_hidden_groups=groups, inner_group_num=inner,
        num_hidden_layers=groups * chance.randint(inner, 2), hidden_act=activation(chance, "gelu_new"))


def mpnet(chance):
    return sizes(chance) | dict(relative_attention_num_buckets=chance.choice([32, 32, 40]))


def deberta_common(chance):
    own = sizes(chance, type_vocab_size=chance.choice([0, 0, 2]))
    own |= dict(relative_attention=chance.random() < 0.85, position_biased_input=chance.random() < 0.4,
                max_relative_positions=chance.choice([-1, chance.randint(4, 60)]),
                pooler_hidden_act=activation(chance), layer_norm_eps=chance.choice([1e-7, 1e-5]))
    kinds = chance.choice([["c2p"], ["p2c"], ["c2p", "p2c"], ["p2c", "c2p"]])
    own["pos_att_type"] = chance.choice([kinds, "|".join(kinds)])
    if not own["relative_attention"]:
        own |= dict(pos_att_type=None, position_biased_input=True)
    if chance.random() < 0.3:
        own["embedding_size"] = chance.randint(1, 40)
    return own


def deberta_v2(chance):
    own = deberta_common(chance)
    farthest = own["max_relative_positions"] if own["max_relative_positions"] > 0 else own["max_position_embeddings"]
    own |= dict(position_buckets=chance.choice([-1, chance.randint(4, max(4, min(20, farthest)))]), share_att_key=chance.random() < 0.6,
                norm_rel_ebd=chance.choice(["none", "layer_norm"]))
    if chance.random() < 0.3:
        divisors = [n for n in range(1, own["hidden_size"] + 1) if own["hidden_size"] % n == 0]
        own |= dict(conv_kernel_size=chance.choice([1, 3, 5]), conv_groups=chance.choice(divisors),
                    conv_act=activation(chance, "tanh"))
    return own


def modernbert(chance):
    heads = chance.randint(1, 5)
    return dict(hidden_size=heads * 2 * chance.randint(1, 7), num_attention_heads=heads,
                num_hidden_layers=chance.randint(1, 5), intermediate_size=chance.randint(1, 50),
                max_position_embeddings=chance.randint(20, 90), local_attention=chance.randint(1, 20),
                global_attn_every_n_layers=chance.randint(1, 4), hidden_activation=activation(chance),
                classifier_activation=activation(chance), classifier_pooling=chance.choice(["cls", "mean"]),
                norm_eps=epsilon(chance), global_rope_theta=chance.choice([160000.0, 10000.0, 500.0]),
                local_rope_theta=chance.choice([10000.0, 300.0, None]), pad_token_id=0, cls_token_id=1,
                sep_token_id=2, bos_token_id=1, eos_token_id=2,
                **{key: chance.random() < 0.4 for key in (
                    "norm_bias", "attention_bias", "mlp_bias", "classifier_bias", "decoder_bias")})


def xlnet(chance):
    heads = chance.randint(1, 5)
    return dict(d_model=heads * 2 * chance.randint(1, 7), n_head=heads, n_layer=chance.randint(1, 3),
                d_inner=chance.randint(1, 50), ff_activation=activation(chance),
                clamp_len=chance.choice([-1, -1, 0, 5]), layer_norm_eps=epsilon(chance),
                untie_r=chance.random() < 0.8, summary_type=chance.choice(["last", "last", "first"]),
                summary_use_proj=chance.random() < 0.7, summary_activation=chance.choice(["tanh", None, "relu"]))


def squeezebert(chance):
    own = sizes(chance)

    def groups(*widths):
        return chance.choice([n for n in range(1, 61) if all(width % n == 0 for width in widths)])

    width, inner = own["hidden_size"], own["intermediate_size"]
    return own | dict(embedding_size=width, q_groups=groups(width), k_groups=groups(width), v_groups=groups(width),
                      post_attention_groups=groups(width), intermediate_groups=groups(width, inner),
                      output_groups=groups(width, inner))


def mobilebert(chance):
    own = sizes(chance)
    own |= dict(intra_bottleneck_size=own["hidden_size"], hidden_size=chance.randint(2, 50),
                embedding_size=chance.randint(1, 30), num_feedforward_networks=chance.randint(1, 3),
                normalization_type=chance.choice(["no_norm", "layer_norm"]),
                use_bottleneck_attention=chance.random() < 0.4, trigram_input=chance.random() < 0.7,
                classifier_activation=chance.random() < 0.7, hidden_act=activation(chance, "relu"))
    if chance.random() < 0.3:
        own |= dict(use_bottleneck=False, hidden_size=own["intra_bottleneck_size"])
    return own


def rembert(chance):
    return sizes(chance) | dict(input_embedding_size=chance.randint(1, 40), output_embedding_size=33)


def convbert(chance):
    heads = chance.choice([2, 4, 6])
    width = heads * 2 * chance.randint(1, 5)
    groups = chance.choice([1, 1, 2])
    return sizes(chance) | dict(num_attention_heads=heads, hidden_size=width, embedding_size=chance.randint(1, 40),
                                conv_kernel_size=chance.choice([1, 3, 9]), num_groups=groups,
                                intermediate_size=groups * chance.randint(1, 30))


def xlm(chance):
    heads = chance.randint(1, 5)
    return dict(emb_dim=heads * chance.randint(1, 10), n_heads=heads, n_layers=chance.randint(1, 3),
                max_position_embeddings=chance.randint(20, 90), gelu_activation=chance.random() < 0.6,
                sinusoidal_embeddings=chance.random() < 0.3, layer_norm_eps=epsilon(chance),
                n_langs=chance.randint(1, 3))


def flaubert(chance):
    return xlm(chance) | dict(pre_norm=chance.random() < 0.5)


def longformer(chance):
    own = roberta(chance)
    own.pop("position_embedding_type")
    least = 2 * chance.randint(1, 6)  # each window divides the widest
    windows = [least * chance.choice([1, 2]) for _ in range(own["num_hidden_layers"])]
    return own | dict(attention_window=chance.choice([windows, windows[0]]))


def big_bird(chance):
    own = sizes(chance) | dict(attention_type=chance.choice(["original_full", "block_sparse"]), block_size=16,
                               num_random_blocks=1, use_bias=chance.random() < 0.6,
                               rescale_embeddings=chance.random() < 0.4)
    return own


def nystromformer(chance):
    landmarks = chance.randint(2, 20)
    return sizes(chance) | dict(num_landmarks=landmarks, segment_means_seq_len=landmarks,
                                conv_kernel_size=chance.choice([None, 3, 65]))


# Name: (model class, settings, kind of tokenizer).
FAMILIES = {
    "bert": (hf.BertForSequenceClassification, bert, "bert"),
    "herbert": (hf.BertForSequenceClassification, bert, "herbert"),
    "roberta": (hf.RobertaForSequenceClassification, roberta, "roberta"),
    "bertweet": (hf.RobertaForSequenceClassification, roberta, "bertweet"),
    "xlm-roberta": (hf.XLMRobertaForSequenceClassification, roberta, "xlm-roberta"),
    "camembert": (hf.CamembertForSequenceClassification, roberta, "camembert"),
    "distilbert": (hf.DistilBertForSequenceClassification, distilbert, "distilbert"),
    "electra": (hf.ElectraForSequenceClassification, electra, "electra"),
    "albert": (hf.AlbertForSequenceClassification, albert, "albert"),
    "mpnet": (hf.MPNetForSequenceClassification, mpnet, "mpnet"),
    "deberta-v2": (hf.DebertaV2ForSequenceClassification, deberta_v2, "deberta-v2"),
    "modernbert": (hf.ModernBertForSequenceClassification, modernbert, "generic"),
    "deberta": (hf.DebertaForSequenceClassification, deberta_common, "deberta"),
    "xlnet": (hf.XLNetForSequenceClassification, xlnet, "xlnet"),
    "squeezebert": (hf.SqueezeBertForSequenceClassification, squeezebert, "squeezebert"),
    "mobilebert": (hf.MobileBertForSequenceClassification, mobilebert, "mobilebert"),
    "rembert": (hf.RemBertForSequenceClassification, rembert, "rembert"),
    "convbert": (hf.ConvBertForSequenceClassification, convbert, "convbert"),
    "xlm": (hf.XLMForSequenceClassification, xlm, "xlm"),
    "flaubert": (hf.FlaubertForSequenceClassification, flaubert, "flaubert"),
    "longformer": (hf.LongformerForSequenceClassification, longformer, "roberta"),
    "big_bird": (hf.BigBirdForSequenceClassification, big_bird, "big_bird"),
    "nystromformer": (hf.NystromformerForSequenceClassification, nystromformer, "albert"),
}


def exact_layer_norm(self, hidden_states):
    """DeBERTa's own goes through float32."""
    return torch.nn.functional.layer_norm(hidden_states, self.weight.shape, self.weight, self.bias,
                                          self.variance_epsilon)


hf.models.deberta.modeling_deberta.DebertaLayerNorm.forward = exact_layer_norm


def make_model(family, chance, tokenizer, classes):
    """A float32 model whose every weight counts, with rows for the tokenizer's ids and maybe more."""
    model_class, settings, _ = FAMILIES[family]
    settings = settings(chance) | dict(vocab_size=len(tokenizer) + chance.choice([0, 0, 1, 7]), num_labels=classes)
    if tokenizer.pad_token_id is not None:
        settings["pad_token_id"] = tokenizer.pad_token_id
    config = model_class.config_class(**settings)
    config.architectures = [model_class.__name__]
    config._attn_implementation = "eager"
    model = model_class(config).eval()
    generator = torch.Generator().manual_seed(chance.randrange(1 << 30))
    for name, parameter in model.named_parameters():
        if parameter.dim() > 1:
            inputs = parameter.shape[-1] if "embed" not in name else 4
            values = torch.randn(parameter.shape, generator=generator) * min(0.5, 1.2 / inputs ** 0.5)
        else:
            values = torch.randn(parameter.shape, generator=generator) * 0.2
            values += name.endswith("weight")
        parameter.data = values
    return model


def longest_input(model):
    """How many tokens the model takes, special ones included."""
    config = model.config
    if config.model_type == "xlnet":
        return 1024
    if config.model_type in ("roberta", "xlm-roberta", "camembert", "longformer"):
        return config.max_position_embeddings - config.pad_token_id - 1
    if config.model_type == "mpnet":
        return config.max_position_embeddings - 2
    return config.max_position_embeddings
