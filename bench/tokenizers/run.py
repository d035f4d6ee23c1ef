#!/usr/bin/env python3
"""One thread's tokenizing speed against the Python package's Rust core, in the same run.

usage: run.py --program BUILD/bench/tokenizers/hasten_tokenizer_speed --shared ../shared
              [--family NAME ...] [--passes N] [--lengths]

The texts are the tweets of ../shared/data in five languages; the rival is `encode_batch_fast` of
tokenizers 0.22.2 with one thread, the fastest of the passes on either side, in processor time; for BERTweet,
which has no Rust core, BertweetTokenizer. The ids of both sides must be equal. BlingFire is measured where it
has a model. With --lengths: our time against the length of one word, and of a text of words, from 1 kB to 10 MB.
"""

import argparse
import json
import math
import os
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "tokenizers_differential"))

from families import FAMILIES, PythonTokenizer, load_reference, make_folder  # noqa: E402

import blingfire_rival  # noqa: E402

DEFAULT = ["bert-base-uncased", "bert-base-multilingual-cased", "roberta-base", "modernbert-base",
           "robertuito-base-uncased", "xlm-roberta-base", "camembert-base", "deberta-v3-base",
           "albert-base-v2", "bertweet-base"]
MOST_EXPONENT = 1.1
LENGTHS = [1_000, 10_000, 100_000, 1_000_000, 10_000_000]


def read_tweets(shared):
    out = []
    for path in sorted((Path(shared) / "data" / "xlm-t").glob("**/*_text.txt")):
        out += path.read_text(encoding="utf-8").split("\n")
    return out


def write_texts(texts, path):
    with open(path, "wb") as file:
        for text in texts:
            data = text.encode("utf-8")
            file.write(struct.pack("<I", len(data)) + data)


def hash_ids(encodings):
    value = 0xCBF29CE484222325
    for encoding in encodings:
        for byte in struct.pack(f"<{len(encoding.ids)}I", *encoding.ids):
            value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def measure_rival(tokenizer, texts, passes):
    best = math.inf
    if isinstance(tokenizer, PythonTokenizer):
        passes = 1  # it takes many seconds
    for _ in range(passes):
        started = time.process_time()
        encodings = tokenizer.encode_batch_fast(texts)
        best = min(best, time.process_time() - started)
    return best, hash_ids(encodings)


def measure_ours(program, folder, model_type, texts_file, passes):
    out = subprocess.run([program, folder, model_type, texts_file, str(passes)], check=True,
                         stdout=subprocess.PIPE)
    return json.loads(out.stdout)


def compare(options, name, texts, parent):
    folder = make_folder(name, options.shared, parent)
    ours = measure_ours(options.program, folder, FAMILIES[name][0], parent / "texts",
                        options.passes)
    rival, rival_hash = measure_rival(load_reference(name, folder), texts, options.passes)
    other = blingfire_rival.measure(name, texts, options.passes)
    print(f"{name:30} {ours['ids'] / ours['seconds'] / 1e6:7.2f} "
          f"{ours['ids'] / rival / 1e6:7.2f} {rival / ours['seconds']:6.1f}x "
          f"{ours['load_seconds'] * 1e3:8.1f}  "
          f"{'equal' if rival_hash == ours['hash'] else 'DIFFERENT'}"
          + (f"; BlingFire {other[1] / other[0] / 1e6:.2f}, {other[0] / ours['seconds']:.1f}x" if other else ""),
          flush=True)
    return rival_hash == ours["hash"]


def measure_lengths(options, name, parent):
    folder = make_folder(name, options.shared, parent)
    good = True
    for kind, part in (("one word", "abcdefghij"), ("words", "hello wide ")):
        seconds = []
        for length in LENGTHS:
            write_texts([part * (length // len(part))], parent / "word")
            seconds.append(measure_ours(options.program, folder, FAMILIES[name][0], parent / "word",
                                        3 if length > 100_000 else 20)["seconds"])
        exponent = slope(LENGTHS, seconds)
        good &= exponent <= MOST_EXPONENT
        print(f"{name:30} {kind:8} " + " ".join(f"{s * 1e3:10.4f}" for s in seconds) + f"  {exponent:.3f}",
              flush=True)
    return good


def slope(lengths, seconds):
    """The exponent of the power of the length that fits the times best: least squares of logarithms."""
    x, y = [math.log(length) for length in lengths], [math.log(value) for value in seconds]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y)) / sum((a - mean_x) ** 2 for a in x)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--shared", required=True)
    parser.add_argument("--family", action="append", choices=list(FAMILIES))
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--lengths", action="store_true")
    options = parser.parse_args()
    names = options.family or DEFAULT
    texts = read_tweets(options.shared)
    with tempfile.TemporaryDirectory() as parent:
        parent = Path(parent)
        if options.lengths:
            print("milliseconds for one word of 1 kB, 10 kB, 100 kB, 1 MB, 10 MB; exponent")
            good = [measure_lengths(options, name, parent) for name in names]
        else:
            write_texts(texts, parent / "texts")
            print(f"{len(texts):,} tweets; million tokens/s ours and theirs, ratio, load ms, ids")
            good = [compare(options, name, texts, parent) for name in names]
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
