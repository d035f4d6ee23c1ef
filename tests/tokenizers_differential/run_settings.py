#!/usr/bin/env python3
"""Compares our ids with those of transformers' AutoTokenizer for random checkpoint folders.

usage: run_settings.py --encoder BUILD/src/tokenizer/hasten_tokenizer_encode --hasten BUILD/hasten
                       [--shared ../shared] [--folders N] [--texts N] [--seed N] [--only INDEX] [--keep FOLDER]

The hand-made folders of crafted.py come first. Every random one has the files of one tokenizer class, or a tokenizer.json, and random tokenizer_config.json,
special_tokens_map.json and added_tokens.json (settings.py). Each is compared on --texts random texts, some of
them pairs and some cut; and `hasten tokenize` on some of them, which cuts at model_max_length. Folders that
transformers refuses are passed over; those that only we refuse are counted by reason. The last line tells the
numbers; the status is 1 when an id or a type differed. Needs transformers 4.57.6 and tokenizers 0.22.2.
"""

import argparse
import collections
import json
import os
import random
import subprocess
import sys
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path

os.environ.update(RUST_BACKTRACE="0", TRANSFORMERS_VERBOSITY="critical", TOKENIZERS_PARALLELISM="false",
                  HF_HUB_OFFLINE="1")
warnings.filterwarnings("ignore")

import crafted
from run import VERSIONS, Encoder
from run_random import RandomTexts, refusal
from settings import SettingsFolder, Vocabularies

TWEETS = Path(__file__).resolve().parents[2] / "examples" / "tweets.csv"
NO_LIMIT = 1_000_000_000


class SettingsTexts(RandomTexts):
    """Texts with many added tokens, with and without spaces around, and in other cases."""

    def part(self):
        if self.chance.random() < 0.5:
            return super().part()
        token = self.chance.choice(self.tokens)
        token = self.chance.choice([token, token, token.lower(), token.upper()])
        return self.chance.choice(["", "", " ", "  ", "\t "]) + token + self.chance.choice(["", "", " ", "\n", "\u3000 "])


def make_rows(texts, count, chance, special_count):
    rows = []
    for _ in range(count):
        pair = texts.text() if chance.random() < 0.3 else None
        rows.append((texts.text(), pair, special_count + chance.randrange(1, 14) if chance.random() < 0.4 else 0))
    return rows


def reference(tokenizer, row):
    """Ids and types; none where the package fails. In lists, as those who classify give them: of a pair by itself
    transformers leaves out an empty second text."""
    text, pair, length = row
    options = {"truncation": True, "max_length": length} if length else {}
    try:
        encoded = tokenizer([text], None if pair is None else [pair], **options)
    except KeyboardInterrupt:
        raise
    except BaseException:  # what a panic raises is no Exception
        return None
    ids = encoded["input_ids"][0]
    return ids, encoded["token_type_ids"][0] if "token_type_ids" in encoded else [0] * len(ids)


def compare_encoder(options, folder, model_type, rows, expected):
    encoder = Encoder(options.encoder, folder, model_type)
    try:
        ours = encoder.encode(rows)
    except SystemExit as error:
        return [(rows, str(error), None)]
    encoder.close()
    return [(row, mine, theirs) for row, mine, theirs in zip(rows, ours, expected) if mine != theirs]


def compare_command(options, folder, tokenizer, rows):
    """`hasten tokenize`, which cuts at model_max_length."""
    length = tokenizer.model_max_length if tokenizer.model_max_length < NO_LIMIT else 0
    cases = [(row, reference(tokenizer, row)) for row in ((text, None, length) for text, _, _ in rows if text.strip())]
    cases = [(row, theirs) for row, theirs in cases if theirs is not None]
    lines = "".join(json.dumps({"text": row[0]}) + "\n" for row, _ in cases)
    (folder / "texts.jsonl").write_text(lines, encoding="utf-8")
    done = subprocess.run([options.hasten, "tokenize", str(folder), "--input", str(folder / "texts.jsonl"), "--json"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        return [(("hasten tokenize", None, 0), done.stderr.decode(), None)]
    ours = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return [(row, (mine["ids"], mine["type_ids"]), theirs) for (row, theirs), mine in zip(cases, ours)
            if (mine["ids"], mine["type_ids"]) != theirs] + [None] * (len(ours) != len(cases))


def compare_crafted(options, parent):
    """The number of hand-made folders that differ."""
    from transformers import AutoTokenizer
    different = 0
    for case in crafted.crafted():
        folder = crafted.write_folder(case, options.shared, parent)
        tokenizer = AutoTokenizer.from_pretrained(folder)
        tried = [(row, reference(tokenizer, row)) for row in crafted.make_rows(case)]
        cases = [(row, theirs) for row, theirs in tried if theirs is not None]
        differences = compare_encoder(options, folder, case[1], *map(list, zip(*cases)))
        different += bool(differences)
        for difference in differences[:2]:
            print(f"{case[0]}: {difference}")
    return different


def load(folder):
    from transformers import AutoTokenizer
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return None, f"{type(error).__name__}: {str(error)[:80]}"
    return (tokenizer, None) if tokenizer.is_fast else (None, "not fast")


def report(index, made, tokenizer, differences):
    print(f"folder {index} ({made.kind}, {type(tokenizer).__name__}): {len(differences)} texts differ")
    for path in sorted(made.folder.glob("*.json")):
        if path.name not in ("tokenizer.json", "vocab.json"):
            print(f"  {path.name}: {path.read_text()}")
        elif path.name == "tokenizer.json":
            form = json.loads(path.read_text())
            print(f"  tokenizer.json: {form['added_tokens']} {form['normalizer'] and form['normalizer']['type']} "
                  f"{form['truncation']}")
    for difference in differences[:2]:
        print(f"    {difference}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--hasten", required=True)
    parser.add_argument("--shared", default=TWEETS.parents[2] / "shared", type=Path)
    parser.add_argument("--folders", type=int, default=1000)
    parser.add_argument("--texts", type=int, default=80)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="one folder by its number")
    parser.add_argument("--keep", type=Path, help="folder for those that differ")
    options = parser.parse_args()
    for package, wanted in VERSIONS.items():
        if version(package) != wanted:
            raise SystemExit(f"{package} {wanted} is needed, {version(package)} is installed")
    counts, refused, theirs_refused, texts = collections.Counter(), collections.Counter(), collections.Counter(), 0
    with tempfile.TemporaryDirectory() as parent:
        parent = Path(parent)
        if options.only is None:
            counts["different"] = compare_crafted(options, parent)
        vocabularies = Vocabularies(TWEETS.read_text(encoding="utf-8").splitlines(), parent / "trained")
        for index in range(options.folders) if options.only is None else [options.only]:
            chance = random.Random(f"settings {options.seed} {index}")
            made = SettingsFolder(chance, vocabularies, parent / f"folder-{index}")
            tokenizer, reason = load(made.folder)
            if tokenizer is None:
                theirs_refused[reason] += 1
                continue
            if reason := refusal(options.encoder, made.folder, made.model_type):
                refused[reason.strip().split("\n")[0]] += 1
                continue
            special_count = max(map(tokenizer.num_special_tokens_to_add, (False, True)))
            rows = make_rows(SettingsTexts(chance, made.tokens), options.texts, chance, special_count)
            cases = [(row, expected) for row in rows if (expected := reference(tokenizer, row)) is not None]
            differences = compare_encoder(options, made.folder, made.model_type, *map(list, zip(*cases)))
            differences += compare_command(options, made.folder, tokenizer, rows[:10])
            texts += len(cases)
            counts["compared"] += 1
            counts[made.name] += 1
            if differences:
                counts["different"] += 1
                report(index, made, tokenizer, differences)
                if options.keep:
                    made.folder.rename(options.keep / made.folder.name)
    for reason, count in theirs_refused.most_common():
        print(f"transformers refuses {count}: {reason}")
    for reason, count in refused.most_common():
        print(f"only we refuse {count}: {reason}")
    print(f"{texts:,} texts over {counts['compared']:,} random folders, {counts['different']} of them different; "
          f"{theirs_refused.total()} that transformers refuses, {refused.total()} that only we refuse")
    sys.exit(counts["different"] != 0)


if __name__ == "__main__":
    main()
