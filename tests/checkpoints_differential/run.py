#!/usr/bin/env python3
"""Compares hasten with the pinned transformers on random tiny checkpoints.

usage: run.py --hasten BUILD/hasten [--count N] [--seed N] [--family NAME ...] [--keep FOLDER]

Case after case until --count: a folder, some texts and pairs, ids equal, logits within 2e-5 of a float64 run of the
same weights (relative to the largest logit where that is above 1, and up to ten times PyTorch's own error in float32 where random
weights make more of it), labels and probabilities as their origin's library
gives them; each fourth case's converted file in ONNX Runtime within 1e-4. Prints each difference and a count, and
ends with 1 if there was one. A case's seed is "SEED FAMILY NUMBER": it is the same alone. Needs .venv-bench.
"""

import argparse
import csv
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "tokenizers_differential"))

import numpy  # noqa: E402
import torch  # noqa: E402

from meanings import FUNCTIONS, write_meaning  # noqa: E402
from shapes import FAMILIES, longest_input, make_model  # noqa: E402
from texts import Generator  # noqa: E402
from tokenizer_folders import train_all, write_tokenizer  # noqa: E402
from weight_files import write_weights  # noqa: E402

VERSIONS = {"transformers": "4.57.6", "tokenizers": "0.22.2"}
MOST_DIFFERENCE = 2e-5
MOST_CONVERTED_DIFFERENCE = 1e-4
OWN_ERRORS = 10
MOST_TOKENS_OF_XLNET = 150


class Tally:
    """How many rows of logits were how near to float64."""

    def __init__(self):
        self.rows = self.absolutely = self.by_own_error = 0
        self.largest = 0.0

    def add(self, difference, largest_logit):
        self.rows += 1
        self.absolutely += difference <= MOST_DIFFERENCE
        self.by_own_error += difference > MOST_DIFFERENCE * max(1.0, largest_logit)
        self.largest = max(self.largest, difference)

    def __str__(self):
        return (f"{self.rows} rows of logits: {self.absolutely} within {MOST_DIFFERENCE} of float64, "
                f"{self.rows - self.absolutely - self.by_own_error} within that times their largest logit, "
                f"{self.by_own_error} beyond (as PyTorch's own float32); the largest difference {self.largest:.1e}")


class ReferenceFailure(Exception):
    """What transformers itself cannot compute, such as some combinations of settings."""


class Case:
    """One checkpoint folder and what transformers makes of it."""

    def __init__(self, family, seed, trained, folder):
        self.chance = random.Random(seed)
        self.folder = folder
        self.tokenizer = self._write_tokenizer(family, trained)
        self.model = make_model(family, self.chance, self.tokenizer, self.chance.choice([1, 2, 2, 3, 5]))
        self.form, self.path = write_weights(self.model, folder, self.chance)
        config = self._config()
        self.labels, self.function, trained_length = write_meaning(config, folder, self.chance)
        (folder / "config.json").write_text(json.dumps(config, indent=self.chance.choice([None, 2])))
        self.model = self.model.double()
        self.limit = self._limit(trained_length)

    def _config(self):
        """config.json as one of the versions writes it: every key or those alone that are not the default."""
        brief = self.chance.random() < 0.5
        config = json.loads(self.model.config.to_json_string(use_diff=brief))
        for key in ("torch_dtype", "dtype"):
            config.pop(key, None)
        # The tokenizer is found by the model's type where its own file does not name it.
        named = "tokenizer_class" in (self.folder / "tokenizer_config.json").read_text()
        missing = self.chance.choice(["architectures", "model_type"] + [""] * 8)
        if missing == "architectures" or named:
            config.pop(missing, None)
        return config

    def _write_tokenizer(self, family, trained):
        model_class, _, kind = FAMILIES[family]
        # The tokenizer's class is found by the model's type, which the final config.json has too.
        (self.folder / "config.json").write_text(json.dumps({"model_type": model_class.config_class.model_type}))
        return write_tokenizer(kind, trained, self.folder, self.chance)

    def _limit(self, trained_length):
        longest = longest_input(self.model)
        if trained_length is not None:
            return min(longest, trained_length)
        if self.tokenizer.model_max_length < 1e9:
            return min(longest, self.tokenizer.model_max_length)
        return longest

    def encode(self, text, pair):
        encoded = self.tokenizer([text], None if pair is None else [pair], truncation=True, max_length=self.limit)
        return {name: values[0] for name, values in encoded.items()}

    def logits(self, encoded):
        with torch.no_grad():
            try:
                return self.model(**{name: torch.tensor([values]) for name, values in encoded.items()}).logits[0]
            except Exception as error:
                raise ReferenceFailure(str(error)) from error

    def allows(self, difference, encoded, expected, usual):
        """Whether float32 may differ so: by `usual`, or where the model makes more of every rounding, as PyTorch errs."""
        if difference <= usual * max(1.0, expected.abs().max().item()):
            return True
        narrow = self.model.float()
        error = (self.logits(encoded) - expected).abs().max().item()
        self.model = narrow.double()
        return difference <= OWN_ERRORS * error

    def probabilities(self, logits):
        return FUNCTIONS[self.function](logits).tolist()


def run_hasten(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, timeout=300)
    if done.returncode != 0:
        raise RuntimeError(f"exit status {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
    return [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]


def write_texts(case, generator):
    """Texts and pairs that leave at least one token of each side under the limit."""
    rows = []
    for number in range(12):
        text = generator.text() if number else generator.random.choice(generator.samples)
        if case.model.config.model_type == "xlnet":
            text = text[:MOST_TOKENS_OF_XLNET]
        pair = generator.text()[:60] if number % 4 == 3 and case.limit >= 12 else None
        rows.append((text, pair))
    path = case.folder / "texts.jsonl"
    with open(path, "w", encoding="utf-8") as file:
        for text, pair in rows:
            file.write(json.dumps({"text": text} | ({} if pair is None else {"text_pair": pair})) + "\n")
    return rows, path


def compare_rows(case, rows, tokens, scores, tally):
    """Complaints about ids, logits, probabilities and labels."""
    for (text, pair), token_row, score in zip(rows, tokens, scores, strict=True):
        encoded = case.encode(text, pair)
        if token_row["ids"] != encoded["input_ids"]:
            yield f"ids of {text!r}, {pair!r}:\n    ours   {token_row['ids']}\n    theirs {encoded['input_ids']}"
            continue
        types = encoded.get("token_type_ids")
        if types is not None and token_row["type_ids"] != types:
            yield f"types of {text!r}, {pair!r}:\n    ours   {token_row['type_ids']}\n    theirs {types}"
        expected = case.logits(encoded)
        difference = (torch.tensor(score["logits"], dtype=torch.float64) - expected).abs().max().item()
        tally.add(difference, expected.abs().max().item())
        if not case.allows(difference, encoded, expected, MOST_DIFFERENCE):
            yield f"logits of {text!r}, {pair!r}: {score['logits']}, not {expected.tolist()}"
        difference = numpy.abs(numpy.subtract(score["probabilities"], case.probabilities(expected))).max()
        if not case.allows(difference, encoded, expected, MOST_DIFFERENCE):
            yield f"probabilities ({case.function}): {score['probabilities']}, not {case.probabilities(expected)}"
        best = int(expected.argmax())
        if case.labels is not None and score["label"] != case.labels[best]:
            yield f"label {score['label']}, not {case.labels[best]}"


def compare_converted(case, rows, program):
    """Complaints about the converted file in ONNX Runtime and in hasten."""
    import onnxruntime
    model = case.folder / "converted.onnx"
    run_hasten(program, "convert", case.path, model, "--quiet")
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    for text, pair in rows[:4]:
        encoded = case.encode(text, pair)
        length = len(encoded["input_ids"])
        inputs = {"input_ids": encoded["input_ids"], "attention_mask": [1] * length,
                  "token_type_ids": encoded.get("token_type_ids", [0] * length)}
        logits = session.run(None, {name: numpy.array([inputs[name]], dtype=numpy.int64) for name in names})[0][0]
        expected = case.logits(encoded).numpy()
        difference = numpy.abs(logits - expected).max()
        if not case.allows(difference, encoded, torch.tensor(expected), MOST_CONVERTED_DIFFERENCE):
            yield f"ONNX Runtime gives {logits.tolist()} for {text!r}, not {expected.tolist()}"
    # The file says by itself what the folder said.
    ours = run_hasten(program, "predict", model, "--input", case.folder / "texts.jsonl", "--json", "--quiet")
    folders = run_hasten(program, "predict", case.path, "--input", case.folder / "texts.jsonl", "--json", "--quiet")
    if ours != folders:
        yield "the converted file gives other scores than its folder"


def complaints_about(family, seed, options, samples, trained, folder, convert, tally):
    try:
        case = Case(family, seed, trained, folder)
        rows, path = write_texts(case, Generator(seed, samples, sorted(case.tokenizer.get_vocab())))
        tokens = run_hasten(options.hasten, "tokenize", case.path, "--input", path, "--json")
        scores = run_hasten(options.hasten, "predict", case.path, "--input", path, "--json", "--quiet")
        found = list(compare_rows(case, rows, tokens, scores, tally))
        return found + (list(compare_converted(case, rows, options.hasten)) if convert else [])
    except RuntimeError as error:
        return [str(error)]


def check_versions():
    for package, wanted in VERSIONS.items():
        if version(package) != wanted:
            raise SystemExit(f"{package} {wanted} is needed, {version(package)} is installed")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hasten", required=True)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--family", action="append", choices=list(FAMILIES))
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    families = options.family or list(FAMILIES)
    check_versions()
    torch.set_num_threads(1)
    with open(ROOT / "examples" / "tweets.csv", encoding="utf-8", newline="") as file:
        samples = [row["text"] for row in csv.DictReader(file)]
    different, failed, begun, tally = 0, 0, time.time(), Tally()
    with tempfile.TemporaryDirectory() as parent:
        trained = Path(parent) / "trained"
        trained.mkdir()
        train_all(samples, trained)
        for number in range(options.first, options.first + options.count):
            family = families[number % len(families)]
            folder = Path(parent) / "checkpoint"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            seed = f"{options.seed} {family} {number}"
            try:
                found = complaints_about(family, seed, options, samples, trained, folder, number % 4 == 0, tally)
            except ReferenceFailure as error:
                found, failed = [], failed + 1
                print(f"{seed}: transformers fails: {error}", flush=True)
            if found:
                different += 1
                print(f"{seed}: {len(found)} complaints, the first: {found[0]}", flush=True)
                if options.keep:
                    shutil.copytree(folder, options.keep / seed.replace(" ", "-"), dirs_exist_ok=True)
    print(tally)
    print(f"{options.count} checkpoints, {different} with differences, {failed} beyond transformers, {time.time() - begun:.0f} s")
    sys.exit(different != 0)


if __name__ == "__main__":
    main()
