"""Models and texts made on the spot, with Python's own library."""

import array
import json
import math
import random
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench" / "whole_job"))

from models import BERT_BASE, MINILM, SENTIMENT, bert_tensors  # noqa: E402

BLOCK = 1 << 20
TINY = dict(BERT_BASE, hidden_size=32, intermediate_size=64, num_attention_heads=2, num_hidden_layers=1)


def tokenizer_folder():
    return MINILM if MINILM.exists() else SENTIMENT


def vocabulary():
    return (tokenizer_folder() / "vocab.txt").read_text(encoding="utf-8").splitlines()


def write_model(folder, config):
    """BERT with normal weights: every tensor is cut from one seeded block, at a place of its own."""
    folder.mkdir(parents=True)
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
        shutil.copy(tokenizer_folder() / name, folder / name)
    size = len(vocabulary())
    config = dict(config, vocab_size=size)
    (folder / "config.json").write_text(json.dumps(config))
    dice = random.Random(1)
    block = array.array("f", (dice.gauss(0, 0.02) for _ in range(BLOCK)))
    ones = array.array("f", [1.0])
    shapes, header, offset = bert_tensors(config, size), {}, 0
    for name, shape in shapes.items():
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [offset, offset + 4 * math.prod(shape)]}
        offset += 4 * math.prod(shape)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(folder / "model.safetensors", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, shape in shapes.items():
            count = math.prod(shape)
            if name.lower().endswith("norm.weight"):
                file.write((ones * count).tobytes())
                continue
            start = dice.randrange(BLOCK)
            while count > 0:
                piece = block[start:start + count]
                file.write(piece.tobytes())
                count, start = count - len(piece), 0
    return folder


def make_texts(count):
    """24 tokens on average, special ones included: whole words of the vocabulary, 12 to 32 of them."""
    words = [word for word in vocabulary() if word.isascii() and word.isalpha() and word.islower() and len(word) > 2]
    dice = random.Random(2)
    return [" ".join(dice.choices(words, k=dice.randint(12, 32))) for _ in range(count)]


def write_lines(path, texts):
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    return path
