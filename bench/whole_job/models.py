"""Models for the benchmarks: the bundled one, the fine-tuned MiniLM where it is, base sizes with seeded weights."""

import json
import math
import shutil
from pathlib import Path

from families import FAMILIES
from generic_families import GENERIC_FAMILIES, make_generic_folder

ROOT = Path(__file__).resolve().parents[2]
SENTIMENT = ROOT / "examples" / "tweet-sentiment"
MINILM = ROOT.parent / "shared" / "models" / "minilm-offensive"

BERT_BASE = {
    "architectures": ["BertForSequenceClassification"], "model_type": "bert", "hidden_act": "gelu",
    "hidden_size": 768, "intermediate_size": 3072, "layer_norm_eps": 1e-12, "max_position_embeddings": 512,
    "num_attention_heads": 12, "num_hidden_layers": 12, "type_vocab_size": 2, "pad_token_id": 0,
    "id2label": {"0": "no", "1": "yes"}, "problem_type": "single_label_classification"}


def bert_tensors(config, vocabulary_size):
    """Name -> shape of a BertForSequenceClassification."""
    hidden, wide = config["hidden_size"], config["intermediate_size"]
    shapes = {"bert.embeddings.word_embeddings.weight": (vocabulary_size, hidden),
              "bert.embeddings.position_embeddings.weight": (config["max_position_embeddings"], hidden),
              "bert.embeddings.token_type_embeddings.weight": (config["type_vocab_size"], hidden),
              "bert.embeddings.LayerNorm.weight": (hidden,), "bert.embeddings.LayerNorm.bias": (hidden,),
              "bert.pooler.dense.weight": (hidden, hidden), "bert.pooler.dense.bias": (hidden,),
              "classifier.weight": (2, hidden), "classifier.bias": (2,)}
    for layer in range(config["num_hidden_layers"]):
        prefix = f"bert.encoder.layer.{layer}."
        linears = {"attention.self.query": (hidden, hidden), "attention.self.key": (hidden, hidden),
                   "attention.self.value": (hidden, hidden), "attention.output.dense": (hidden, hidden),
                   "intermediate.dense": (wide, hidden), "output.dense": (hidden, wide)}
        for name, shape in linears.items():
            shapes[f"{prefix}{name}.weight"] = shape
            shapes[f"{prefix}{name}.bias"] = shape[:1]
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[f"{prefix}{name}.weight"] = (hidden,)
            shapes[f"{prefix}{name}.bias"] = (hidden,)
    return shapes


def write_safetensors(path, shapes, generator):
    """Seeded normal weights of the usual scale; norms near one."""
    import numpy
    header, offset = {}, 0
    for name, shape in shapes.items():
        size = 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, shape in shapes.items():
            values = generator.standard_normal(shape, dtype=numpy.float32) * numpy.float32(0.02)
            if name.lower().endswith("norm.weight"):
                values += 1
            file.write(values.tobytes())


def make_folder(folder, base_config, tensors):
    """A folder like a fine-tuned model's, with the vocabulary of the MiniLM fixture or the bundled model."""
    import numpy  # here, so that the shapes can be had without it
    if (folder / "model.safetensors").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    source = MINILM if MINILM.exists() else SENTIMENT
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
        shutil.copy(source / name, folder / name)
    vocabulary_size = len((folder / "vocab.txt").read_text(encoding="utf-8").splitlines())
    config = dict(base_config, vocab_size=vocabulary_size)
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "model_args.json").write_text(json.dumps({"max_seq_length": 128}))
    write_safetensors(folder / "model.safetensors", tensors(config, vocabulary_size), numpy.random.default_rng(1))
    return folder


def find_model(name, workspace):
    """The checkpoint folder of "sentiment", "minilm" or a seeded shape; None where it cannot be had."""
    if name == "sentiment":
        return SENTIMENT
    if name == "minilm":
        return MINILM if MINILM.exists() else None
    if name in GENERIC_FAMILIES:
        return make_generic_folder(name, workspace / name, MINILM if MINILM.exists() else SENTIMENT)
    config, tensors = FAMILIES.get(name, (BERT_BASE, bert_tensors))
    return make_folder(workspace / name, config, tensors)
