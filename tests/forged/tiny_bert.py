"""A valid BERT classifier of a few hundred weights: its tensors and its other files."""

import json
import random
import struct

HIDDEN, INTERMEDIATE, POSITIONS, CLASSES = 4, 8, 16, 2
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c"]

CONFIG = {
    "architectures": ["BertForSequenceClassification"],
    "model_type": "bert",
    "hidden_size": HIDDEN,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": INTERMEDIATE,
    "hidden_act": "gelu",
    "max_position_embeddings": POSITIONS,
    "type_vocab_size": 2,
    "vocab_size": len(VOCABULARY),
    "layer_norm_eps": 1e-12,
    "pad_token_id": 0,
}

MODEL_ARGS = {
    "model_class": "ClassificationModel",
    "model_type": "bert",
    "max_seq_length": POSITIONS,
    "labels_list": [0, 1],
    "labels_map": {},
    "regression": False,
    "sliding_window": False,
}


def shapes():
    """Tensor name -> shape, in the order of the model."""
    result = {
        "bert.embeddings.word_embeddings.weight": (len(VOCABULARY), HIDDEN),
        "bert.embeddings.position_embeddings.weight": (POSITIONS, HIDDEN),
        "bert.embeddings.token_type_embeddings.weight": (2, HIDDEN),
        "bert.embeddings.LayerNorm.weight": (HIDDEN,),
        "bert.embeddings.LayerNorm.bias": (HIDDEN,),
    }

    def linear(name, rows, columns):
        result[name + ".weight"] = (rows, columns)
        result[name + ".bias"] = (rows,)

    layer = "bert.encoder.layer.0."
    for part in ("query", "key", "value"):
        linear(layer + "attention.self." + part, HIDDEN, HIDDEN)
    linear(layer + "attention.output.dense", HIDDEN, HIDDEN)
    linear(layer + "intermediate.dense", INTERMEDIATE, HIDDEN)
    linear(layer + "output.dense", HIDDEN, INTERMEDIATE)
    for norm in ("attention.output.LayerNorm", "output.LayerNorm"):
        result[layer + norm + ".weight"] = result[layer + norm + ".bias"] = (HIDDEN,)
    linear("bert.pooler.dense", HIDDEN, HIDDEN)
    linear("classifier", CLASSES, HIDDEN)
    return result


def tensors():
    """Tensor name -> (shape, little-endian float32 bytes)."""
    generator = random.Random(1)
    result = {}
    for name, shape in shapes().items():
        count = 1
        for dimension in shape:
            count *= dimension
        values = [generator.uniform(-1, 1) for _ in range(count)]
        result[name] = (shape, struct.pack(f"<{count}f", *values))
    return result


def settings():
    """Every file of the folder but the weights."""
    return {
        "config.json": json.dumps(CONFIG).encode(),
        "model_args.json": json.dumps(MODEL_ARGS).encode(),
        "vocab.txt": "".join(token + "\n" for token in VOCABULARY).encode(),
        "tokenizer_config.json": json.dumps(
            {"do_lower_case": True, "tokenizer_class": "BertTokenizer"}
        ).encode(),
    }
