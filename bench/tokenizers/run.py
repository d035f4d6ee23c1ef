#!/usr/bin/env python3
"""One thread's tokenizing speed against the Python package's Rust core, in the same run.

usage: run.py --program BUILD/src/tokenizer/hasten_tokenizer_speed --shared ../shared
              [--family NAME ...] [--passes N] [--lengths]

The texts are the tweets of ../shared/data in five languages; the rival is `encode_batch_fast` of
tokenizers 0.22.2 with one thread, the fastest of the passes on either side, in processor time. The ids
of both sides must be equal. With --lengths: our time against the length of one word, from 1 kB to 10 MB.
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

from families import FAMILIES, load_reference, make_folder  # noqa: E402

DEFAULT = ["bert-base-uncased", "bert-base-multilingual-cased", "roberta-base", "modernbert-base",
           "robertuito-base-uncased", "xlm-roberta-base", "camembert-base", "deberta-v3-base",
           "albert-base-v2", "bertweet-base"]
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
    print(f"{name:30} {ours['ids'] / ours['seconds'] / 1e6:7.2f} "
          f"{ours['ids'] / rival / 1e6:7.2f} {rival / ours['seconds']:6.1f}x "
          f"{ours['load_seconds'] * 1e3:8.1f}  "
          f"{'equal' if rival_hash == ours['hash'] else 'DIFFERENT'}", flush=True)
    return rival_hash == ours["hash"]


def measure_lengths(options, name, parent):
    folder = make_folder(name, options.shared, parent)
    seconds = []
    for length in LENGTHS:
        write_texts([("abcdefghij" * (length // 10))], parent / "word")
        seconds.append(measure_ours(options.program, folder, FAMILIES[name][0], parent / "word",
                                    3)["seconds"])
    exponent = math.log(seconds[-1] / seconds[1]) / math.log(LENGTHS[-1] / LENGTHS[1])
    print(f"{name:30} " + " ".join(f"{s * 1e3:10.3f}" for s in seconds) + f"  {exponent:.2f}",
          flush=True)
    return exponent <= 1.1


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
