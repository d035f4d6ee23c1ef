#!/usr/bin/env python3
"""Shows that the corpus of the differential test catches a mutation of each rule (mutation_list.py).

usage: mutations.py [--count N] [--only TEXT] [--tokenizer NAME] [--jobs N] [--list]

Builds hasten_tokenizer_encode of a copy of the sources, mutates one place after the other, builds again and
compares ids and types with those of the unmutated program, which the differential tests hold equal to the
packages'. Texts are those of the differential test, --count for each tokenizer. Says which mutations are
caught; the status is 1 when one is not. Needs ../shared and sentencepiece.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import crafted
from families import FAMILIES, make_folder
from mutation_list import CRAFTED, MUTATIONS, RANDOM
from random_definitions import Definitions, to_json
from run import Encoder, make_rows
from run_random import RandomTexts, write_config
from run_random import make_rows as make_random_rows
from texts import Generator, tricky, tweets

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
COPIED = ["CMakeLists.txt", "cmake", "src", "include", "cli", "examples", "fuzz", "bench", "tests/tokenizers_differential"]
RANDOM_TOKENIZERS = 250


class BuildError(Exception):
    """What the compiler says."""


class Build:
    """A copy of the sources and its encoder."""

    def __init__(self, parent):
        self.source, self.build = parent / "source", parent / "build"
        for name in COPIED:
            origin, target = ROOT / name, self.source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if origin.is_dir() else shutil.copy)(origin, target)
        (self.source / ".venv").symlink_to((ROOT / ".venv").resolve())  # Arrow is there
        flags = self.source / "cmake" / "HastenOptions.cmake"  # a mutation may leave a variable unused
        flags.write_text(flags.read_text(encoding="utf-8").replace(" -Werror", " -w"), encoding="utf-8")
        self.run(["cmake", "-S", self.source, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                  "-DCMAKE_CXX_FLAGS_RELEASE=-O1", "-DHASTEN_BENCH=OFF"])

    def run(self, command):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise BuildError(done.stdout.decode()[-4000:])

    def make(self, jobs):
        self.run(["cmake", "--build", self.build, "-j", str(jobs), "--target", "hasten_tokenizer_encode"])
        return self.build / "src" / "tokenizer" / "hasten_tokenizer_encode"

    def mutate(self, name, text, instead):
        path = self.source / "src" / "tokenizer" / name
        original = path.read_text(encoding="utf-8")
        if text not in original:
            raise SystemExit(f"{name} has no {text!r}: mutation_list.py must follow the code")
        path.write_text(original.replace(text, instead), encoding="utf-8")
        return lambda: path.write_text(original, encoding="utf-8")


def vocabulary(folder):
    """Words to make texts of: those of vocab.txt where there is one."""
    path = folder / "vocab.txt"
    lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else ["the", "ing", "▁a", "Ġthe"]
    return sorted(line.split(" ")[0] for line in lines if line) or ["the"]


class Corpus:
    """For each tokenizer its folders and texts, and the ids of the unmutated encoder."""

    def __init__(self, encoder, parent, count):
        self.encoder, self.parent, self.count = encoder, parent, count
        self.samples = tweets(SHARED)
        self.lines = [text for text in tricky(SHARED) if len(text) < 2000]
        self.known = {}

    def get(self, name):
        if name not in self.known:
            cases = {RANDOM: self.random_cases, CRAFTED: self.crafted_cases}.get(name, lambda: self.family_cases(name))()
            self.known[name] = [(folder, model_type, rows, encode(self.encoder, folder, model_type, rows))
                                for folder, model_type, rows in cases]
        return self.known[name]

    def family_cases(self, name):
        folder = make_folder(name, SHARED, self.parent)
        generator = Generator(f"mutations {name}", self.samples, vocabulary(folder))
        rows = make_rows(generator, self.count, random.Random(name))
        rows += [(text, None, 0) for text in random.Random(name).sample(self.lines, self.count)]
        return [(folder, FAMILIES[name][0], rows)]

    def crafted_cases(self):
        for case in crafted.crafted():
            yield crafted.write_folder(case, SHARED, self.parent), case[1], crafted.make_rows(case)

    def random_cases(self):
        for index in range(RANDOM_TOKENIZERS):
            chance = random.Random(f"mutations {index}")
            definition = Definitions(chance).tokenizer()
            folder = self.parent / f"random-{index}"
            folder.mkdir()
            (folder / "tokenizer.json").write_text(to_json(definition), encoding="utf-8")
            write_config(folder, definition if index % 2 else {"pre_tokenizer": {"add_prefix_space": True}})
            tokens = [entry[0] for entry in definition["model"]["vocab"]] if isinstance(
                definition["model"]["vocab"], list) else list(definition["model"]["vocab"])
            yield folder, "", make_random_rows(RandomTexts(chance, tokens), 80, chance, 12)


def encode(program, folder, model_type, rows):
    """Ids and types; none when the tokenizer is refused or the program fails."""
    encoder = Encoder(program, folder, model_type, quiet=True)
    try:
        return encoder.encode(rows)
    except (SystemExit, BrokenPipeError, OSError):
        return None
    finally:
        encoder.close()


def count_differences(program, name, corpus):
    different = 0
    for folder, model_type, rows, expected in corpus.get(name):
        ours = encode(program, folder, model_type, rows)
        if ours != expected:
            different += sum(a != b for a, b in zip(ours, expected)) if ours and expected else 1
            if different:
                break
    return different


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--only", help="rules that contain this text")
    parser.add_argument("--tokenizer", help="those whose texts this tokenizer's are")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    chosen = [mutation for mutation in MUTATIONS if (options.only or "") in mutation[0]
              and options.tokenizer in (None, mutation[-1])]
    if options.list:
        print("\n".join(f"{rule} ({name})" for rule, name, *_ in chosen))
        return
    survivors = []
    with tempfile.TemporaryDirectory() as parent:
        parent = Path(parent)
        build = Build(parent)
        encoder = shutil.copy(build.make(options.jobs), parent / "unmutated")
        corpus = Corpus(encoder, parent, options.count)
        for rule, name, text, instead, tokenizer in chosen:
            undo = build.mutate(name, text, instead)
            try:
                different = count_differences(build.make(options.jobs), tokenizer, corpus)
            except BuildError as error:
                different = 0
                print(error)
            undo()
            print(f"{'caught' if different else 'SURVIVED':9} {rule} ({name}, {tokenizer})", flush=True)
            if not different:
                survivors.append(rule)
    print(f"{len(chosen)} mutations, {len(survivors)} not caught")
    sys.exit(bool(survivors))


if __name__ == "__main__":
    main()
