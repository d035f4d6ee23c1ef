#!/usr/bin/env python3
"""Writes the golden hashes: ids of the pinned packages on every tweet and tricky text of ../shared.

usage: make.py --shared ../shared [--family NAME ...]
       make.py --shared ../shared --family NAME --explain BLOCK --encoder PROGRAM

A file holds the hash of its corpus, and one of the ids of each 64 texts. With --explain the texts of a
block that our ids differ on are printed with both token lists. Needs transformers 4.57.6, tokenizers
0.22.2, emoji 0.6.0.
"""

import argparse
import tempfile
from importlib.metadata import version

from corpus import BLOCK, NAMES, block_hashes, corpus_hash, golden_path, read_corpus
from families import FAMILIES, load_reference, make_folder
from run import Encoder, compare

VERSIONS = {"transformers": "4.57.6", "tokenizers": "0.22.2", "emoji": "0.6.0"}
PER_LINE = 12


def encodings(tokenizer, texts):
    for start in range(0, len(texts), 1000):
        for encoding in tokenizer.encode_batch_fast(texts[start:start + 1000]):
            yield encoding.ids


def write_golden(name, shared, texts, parent):
    tokenizer = load_reference(name, make_folder(name, shared, parent))
    hashes = block_hashes(encodings(tokenizer, texts))
    lines = [" ".join(hashes[i:i + PER_LINE]) + " " for i in range(0, len(hashes), PER_LINE)]
    golden_path(name).write_text("\n".join([corpus_hash(texts), *lines]) + "\n", encoding="ascii")
    print(name, flush=True)


def explain(name, shared, texts, encoder, parent):
    folder = make_folder(name, shared, parent)
    ours = Encoder(encoder, folder, FAMILIES[name][0])
    different = compare(ours, load_reference(name, folder), [(text, None, 0) for text in texts], typed=False)
    ours.close()
    print(f"{different} of {len(texts)} texts differ")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", required=True)
    parser.add_argument("--family", action="append", choices=NAMES)
    parser.add_argument("--explain", type=int, metavar="BLOCK")
    parser.add_argument("--encoder")
    options = parser.parse_args()
    for package, wanted in VERSIONS.items():
        if version(package) != wanted:
            raise SystemExit(f"{package} {wanted} is needed, {version(package)} is installed")
    texts = read_corpus(options.shared)
    with tempfile.TemporaryDirectory() as parent:
        for name in options.family or NAMES:
            if options.explain is None:
                write_golden(name, options.shared, texts, parent)
            else:
                start = options.explain * BLOCK
                explain(name, options.shared, texts[start:start + BLOCK], options.encoder, parent)


if __name__ == "__main__":
    main()
