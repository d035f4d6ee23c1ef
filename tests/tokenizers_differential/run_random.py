#!/usr/bin/env python3
"""Compares our ids with those of the tokenizers package for random tokenizer.json files.

usage: run_random.py --encoder BUILD/src/tokenizer/hasten_tokenizer_encode [--tokenizers N] [--texts N]
                     [--seed N] [--only INDEX] [--keep FOLDER]

Every file draws its normalizers, pre-tokenizers, model, added tokens and post-processor anew
(random_definitions.py), and every one is compared on --texts random texts, some of them pairs and some
cut. Files that the package refuses are passed over; those that only we refuse are counted by reason.
The last line tells the numbers; the status is 1 when an id differed. Needs tokenizers 0.22.2.
"""

import argparse
import collections
import json
import os
import random
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("RUST_BACKTRACE", "0")

from random_definitions import LETTERS, WORDS, Definitions, to_json
from run import Encoder, show
from texts import PIECES, POINTS

WANTED = "0.22.2"


class RandomTexts:
    def __init__(self, chance, tokens):
        self.chance, self.tokens = chance, tokens

    def part(self):
        choice = self.chance.random()
        if choice < 0.3:
            return "".join(self.chance.choice(LETTERS) for _ in range(self.chance.randrange(1, 6)))
        if choice < 0.55:
            return self.chance.choice(self.tokens).removeprefix("##").removesuffix("</w>")
        if choice < 0.75:
            return self.chance.choice(WORDS) + self.chance.choice(["", " ", " ", "  "])
        if choice < 0.85:
            return self.chance.choice(PIECES)[:60]
        if choice < 0.95:
            return chr(self.chance.choice(POINTS))
        code = self.chance.randrange(0x30000)
        return chr(code) if not 0xD800 <= code < 0xE000 else " "

    def text(self):
        return "".join(self.part() for _ in range(self.chance.choice([0, 1, 1, 2, 3, 5, 8, 12])))


def make_rows(texts, count, chance, special_count):
    rows = []
    for _ in range(count):
        pair = texts.text() if chance.random() < 0.25 else None
        length = special_count + chance.randrange(1, 12) if chance.random() < 0.3 else 0
        rows.append((texts.text(), pair, length))
    return rows


def reference(tokenizer, row):
    """Ids and types of the package, or none where it panics."""
    text, pair, length = row
    if length:
        tokenizer.enable_truncation(length, direction=tokenizer.side)
    else:
        tokenizer.no_truncation()
    try:
        encoding = tokenizer.encode(text, pair)
    except KeyboardInterrupt:
        raise
    except BaseException:  # what a panic raises is no Exception
        return None
    return encoding.ids, encoding.type_ids


class SidedTokenizer:
    """The package's tokenizer, and the side that its file says texts are cut from."""

    def __init__(self, path):
        from tokenizers import Tokenizer
        self._tokenizer = Tokenizer.from_file(path)
        truncation = self._tokenizer.truncation
        self.side = truncation["direction"] if truncation else "right"

    def __getattr__(self, name):
        return getattr(self._tokenizer, name)


def write_config(folder, definition):
    """A checkpoint folder is loaded as transformers does, which takes ByteLevel's add_prefix_space from there, and
    adds tokens a second time that differ in flags, unless an added_tokens_decoder says which to add."""
    prefix = (definition["pre_tokenizer"] or {}).get("add_prefix_space", False)
    (folder / "tokenizer_config.json").write_text(json.dumps({"add_prefix_space": prefix, "added_tokens_decoder": {}}))


def refusal(program, folder, model_type=""):
    """Why we refuse a folder; none when we do not."""
    done = subprocess.run([program, str(folder), model_type], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return done.stderr.decode() if done.returncode else None


def compare(options, folder, tokenizer, definition, chance):
    vocabulary = definition["model"]["vocab"]
    tokens = [entry[0] for entry in vocabulary] if isinstance(vocabulary, list) else list(vocabulary)
    special_count = max(map(tokenizer.num_special_tokens_to_add, (False, True)))
    rows = make_rows(RandomTexts(chance, tokens), options.texts, chance, special_count)
    expected = [reference(tokenizer, row) for row in rows]
    kept = [(row, theirs) for row, theirs in zip(rows, expected) if theirs is not None]
    encoder = Encoder(options.encoder, folder, "")
    ours = encoder.encode([row for row, _ in kept])
    encoder.close()
    return len(kept), [(row, mine, theirs) for (row, theirs), mine in zip(kept, ours) if mine != theirs]


def report(index, definition, tokenizer, differences):
    small = {key: value for key, value in definition.items() if key != "model"}
    model = {key: value for key, value in definition["model"].items() if key not in ("vocab", "merges")}
    print(f"tokenizer {index}: {len(differences)} texts differ\n  {small}\n  {model}")
    for row, mine, theirs in differences[:2]:
        show(tokenizer, row, mine, theirs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--tokenizers", type=int, default=1000)
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="one tokenizer by its number")
    parser.add_argument("--keep", type=Path, help="folder for tokenizer.json of those that differ")
    options = parser.parse_args()
    if version("tokenizers") != WANTED:
        raise SystemExit(f"tokenizers {WANTED} is needed, {version('tokenizers')} is installed")
    counts, refused, texts = collections.Counter(), collections.Counter(), 0
    for index in range(options.tokenizers) if options.only is None else [options.only]:
        chance = random.Random(f"{options.seed} {index}")
        definition = Definitions(chance).tokenizer()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "tokenizer.json"
            path.write_text(to_json(definition), encoding="utf-8")
            write_config(Path(folder), definition)
            try:
                tokenizer = SidedTokenizer(str(path))
            except KeyboardInterrupt:
                raise
            except BaseException:
                counts["the package refuses"] += 1
                continue
            if reason := refusal(options.encoder, folder):
                refused[reason.strip().split("\n")[0]] += 1
                continue
            done, differences = compare(options, folder, tokenizer, definition, chance)
            texts += done
            counts["compared"] += 1
            if differences:
                counts["different"] += 1
                report(index, definition, tokenizer, differences)
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    (options.keep / f"{index}.json").write_text(to_json(definition), encoding="utf-8")
    for reason, count in refused.most_common():
        print(f"only we refuse {count}: {reason}")
    print(f"{texts:,} texts over {counts['compared']:,} random tokenizers, {counts['different']} of them different; "
          f"{counts['the package refuses']} that the package refuses, {refused.total()} that only we refuse")
    sys.exit(counts["different"] != 0)


if __name__ == "__main__":
    main()
