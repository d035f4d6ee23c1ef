"""Tiny seeded classifiers of every family, and the texts that exports are tried on."""

import torch
import transformers as hf

VOCABULARY = 61
HEADS = 4
WIDTH = 32
SIZES = dict(vocab_size=VOCABULARY, hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=HEADS,
             intermediate_size=40, max_position_embeddings=40, num_labels=3)
ROBERTA = SIZES | dict(type_vocab_size=1, pad_token_id=1)

CASES = {
    "bert": (hf.BertForSequenceClassification, SIZES),
    "roberta": (hf.RobertaForSequenceClassification, ROBERTA),
    "distilbert": (hf.DistilBertForSequenceClassification,
                   dict(vocab_size=VOCABULARY, dim=WIDTH, n_layers=2, n_heads=HEADS, hidden_dim=40,
                        max_position_embeddings=40, num_labels=3)),
    "electra": (hf.ElectraForSequenceClassification, SIZES | dict(embedding_size=20)),
    "albert": (hf.AlbertForSequenceClassification, SIZES | dict(embedding_size=20)),
    "mpnet": (hf.MPNetForSequenceClassification, SIZES | dict(pad_token_id=1)),
    "xlm_roberta": (hf.XLMRobertaForSequenceClassification, ROBERTA),
    "deberta_v3": (hf.DebertaV2ForSequenceClassification,
                   SIZES | dict(relative_attention=True, position_buckets=8, norm_rel_ebd="layer_norm",
                                share_att_key=True, pos_att_type="p2c|c2p", type_vocab_size=0,
                                position_biased_input=False, max_relative_positions=-1)),
    "modernbert": (hf.ModernBertForSequenceClassification,
                   SIZES | dict(num_hidden_layers=3, local_attention=6, global_attn_every_n_layers=2,
                                pad_token_id=0, cls_token_id=1, sep_token_id=2, bos_token_id=1,
                                eos_token_id=2, reference_compile=False)),
}

WITH_TYPES = {"bert", "electra", "albert"}
EAGER_ONLY = {"mpnet", "deberta_v3"}


def build(family, attention):
    """The model of a family with weights that make attention matter."""
    torch.manual_seed(7)
    model_class, sizes = CASES[family]
    model = model_class(model_class.config_class(**sizes, attn_implementation=attention)).eval()
    randomize(model)
    return model


def randomize(model):
    generator = torch.Generator().manual_seed(11)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            is_scale = parameter.dim() == 1 and "weight" in name
            parameter.copy_(1 + 0.2 * noise if is_scale else 0.25 * noise)


def input_names(family):
    return ["input_ids", "attention_mask"] + (["token_type_ids"] if family in WITH_TYPES else [])


def texts():
    """Ids of texts of several lengths; none holds an id that pads (0 or 1)."""
    generator = torch.Generator().manual_seed(3)
    return [torch.randint(4, VOCABULARY, (length,), generator=generator).tolist()
            for length in (1, 2, 9, 17)]


def many_texts():
    """Ids of texts of 1 to 30 tokens, enough of them for the error of a quantisation to be told."""
    generator = torch.Generator().manual_seed(5)
    lengths = torch.randint(1, 31, (200,), generator=generator).tolist()
    return [torch.randint(4, VOCABULARY, (length,), generator=generator).tolist()
            for length in lengths]


def batch(names, rows, pad=1):
    """Rows padded on the right as the inputs named."""
    length = max(len(row) for row in rows)
    ids = torch.tensor([row + [pad] * (length - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])
    types = torch.tensor([[int(2 * place > len(row)) for place in range(length)] for row in rows])
    every = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
    return {name: every[name] for name in names}


def holed(names):
    """One batch whose masks have padding on the left, a hole, and nothing kept."""
    inputs = batch(names, [texts()[2][:8], texts()[3][:8], texts()[3][8:16]])
    inputs["attention_mask"] = torch.tensor([[0, 0, 1, 1, 1, 1, 1, 1], [1, 1, 0, 1, 1, 0, 1, 1],
                                             [0] * 8])
    return inputs
