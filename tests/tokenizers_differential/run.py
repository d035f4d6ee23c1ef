#!/usr/bin/env python3
"""Compares our tokenizer with the pinned Python packages on generated and mutated texts.

usage: run.py --encoder BUILD/src/tokenizer/hasten_tokenizer_encode --shared ../shared
              [--count N] [--family NAME ...] [--seed N] [--corpus] [--progress FILE] [--write-numbers]

Every family gets its share of --count texts, every fourth of them as a pair and half of them cut to
a random length; with --corpus also each tweet and each tricky text. The first differences of a family
are printed with both token lists. What is done of a family is printed now and then; with --progress FILE a run
that was stopped goes on behind the families that it finished. --write-numbers writes the outcome into
docs/numbers.md. Needs transformers 4.57.6 and tokenizers 0.22.2.
"""

import argparse
import json
import random
import struct
import subprocess
import sys
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path

from families import FAMILIES, load_reference, make_folder
from texts import Generator, tricky, tweets

VERSIONS = {"transformers": "4.57.6", "tokenizers": "0.22.2"}
NO_TEXT = struct.pack("<I", 0xFFFFFFFF)
BATCH = 2000
SHOWN = 5
COUNTED = 50  # batches


class Encoder:
    """Our side: the program of encode_texts.cpp on one folder."""

    def __init__(self, program, folder, model_type, quiet=False):
        self.process = subprocess.Popen([program, str(folder), model_type],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL if quiet else None)

    def encode(self, rows):
        frames = [struct.pack("<I", len(rows))]
        for text, pair, length in rows:
            frames.append(struct.pack("<I", length))
            for part in (text, pair):
                if part is None:
                    frames.append(NO_TEXT)
                else:
                    data = part.encode("utf-8")
                    frames += [struct.pack("<I", len(data)), data]
        # Both pipes fill up: what is written and what is read must not wait for each other.
        writer = threading.Thread(target=self._write, args=(b"".join(frames),))
        writer.start()
        try:
            return [self._read_one() for _ in rows]
        finally:
            writer.join()

    def _write(self, data):
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except BrokenPipeError:  # reading tells why
            pass

    def _read_one(self):
        header = self.process.stdout.read(4)
        if len(header) < 4:
            raise SystemExit(f"the encoder ended with {self.process.wait()}")
        count, = struct.unpack("<I", header)
        ids = list(struct.unpack(f"<{count}i", self.process.stdout.read(4 * count)))
        return ids, list(self.process.stdout.read(count))

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.wait()


def reference_encode(tokenizer, rows):
    out = []
    for text, pair, length in rows:
        if length:
            tokenizer.enable_truncation(length)
        else:
            tokenizer.no_truncation()
        encoding = tokenizer.encode(text, pair)
        out.append((encoding.ids, encoding.type_ids))
    return out


def show(tokenizer, row, ours, theirs):
    def around(encoding):
        first = next((i for i, (a, b) in enumerate(zip(ours[0], theirs[0])) if a != b), 0)
        ids = encoding[0][max(0, first - 3):first + 8]
        return len(encoding[0]), ids, [tokenizer.id_to_token(i) for i in ids]

    text, pair, length = row
    print(f"  text {text[:400]!r} pair {pair and pair[:400]!r} max_length {length}")
    print("    ours   %d ids, around the first difference %s %s" % around(ours))
    print("    theirs %d ids, around the first difference %s %s" % around(theirs), flush=True)
    if ours[0] == theirs[0]:
        print(f"    types  {ours[1]} {theirs[1]}")


def compare(encoder, tokenizer, rows, typed):
    different = 0
    for row, ours, theirs in zip(rows, encoder.encode(rows), reference_encode(tokenizer, rows)):
        if ours[0] == theirs[0] and (not typed or ours[1] == theirs[1]):
            continue
        different += 1
        if different <= SHOWN:
            show(tokenizer, row, ours, theirs)
    return different


def make_rows(generator, count, chance):
    rows = []
    for _ in range(count):
        text = generator.text()
        pair = generator.text() if chance.random() < 0.25 else None
        length = chance.randrange(8, 70) if chance.random() < 0.5 else 0
        rows.append((text, pair, length))
    return rows


def test_family(name, options, samples, corpus, parent):
    folder = make_folder(name, options.shared, parent)
    tokenizer = load_reference(name, folder)
    encoder = Encoder(options.encoder, folder, FAMILIES[name][0])
    vocabulary = sorted(tokenizer.get_vocab())
    generator = Generator(f"{options.seed} {name}", samples, vocabulary)
    chance = random.Random(f"{options.seed} {name}")
    wanted = -(-options.count // len(options.family))
    done, different, started = 0, 0, time.time()
    batches = [corpus[i:i + BATCH] for i in range(0, len(corpus), BATCH)]
    while different < 100 and (batches or done < wanted + len(corpus)):
        rows = ([(text, None, 0) for text in batches.pop(0)] if batches
                else make_rows(generator, min(BATCH, wanted + len(corpus) - done), chance))
        different += compare(encoder, tokenizer, rows, name not in UNTYPED)
        done += len(rows)
        if done // BATCH % COUNTED == 0:
            print(f"{name:36} {done:9,} of {wanted + len(corpus):,}", flush=True)
    encoder.close()
    print(f"{name:36} {done:9,} texts {different:5} differences "
          f"{time.time() - started:7.1f} s", flush=True)
    return done, different


# Families whose models know no token types: ours are zeros, and transformers leaves them out.
UNTYPED = {"distilbert-base-multilingual-cased", "mpnet-base"}


class Progress:
    """The families that are finished, with what was found; in a file when there is one."""

    def __init__(self, path, run):
        self.path, self.run, self.finished = path, run, {}
        if path and path.exists():
            kept = json.loads(path.read_text())
            self.finished = kept["finished"] if kept["run"] == run else {}

    def add(self, name, counts):
        self.finished[name] = counts
        if self.path:
            self.path.write_text(json.dumps({"run": self.run, "finished": self.finished}))


def write_numbers(total, different, families, seconds):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))
    from numbers_page import write_part
    write_part("tokenizers differential",
               f"{total:,} made-up and mutated texts over {families} tokenizers, a quarter of them pairs and half of them "
               f"cut: **{different} differences** from the Python packages, in ids and types, in one run of "
               f"{seconds / 60:.0f} minutes beside other work. {time.strftime('%Y-%m-%d')}, AMD EPYC, one process; "
               "`make test-tokenizers-differential`.")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--shared", required=True)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--family", action="append", choices=list(FAMILIES))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", action="store_true")
    parser.add_argument("--progress", type=Path)
    parser.add_argument("--write-numbers", action="store_true")
    options = parser.parse_args()
    options.family = options.family or list(FAMILIES)
    for package, wanted in VERSIONS.items():
        if version(package) != wanted:
            raise SystemExit(f"{package} {wanted} is needed, {version(package)} is installed")
    samples = tweets(options.shared)
    corpus = samples + tricky(options.shared) if options.corpus else []
    progress = Progress(options.progress, [options.count, options.seed, options.corpus, len(options.family)])
    started = time.time()
    with tempfile.TemporaryDirectory() as parent:
        for name in options.family:
            if name not in progress.finished:
                progress.add(name, test_family(name, options, samples, corpus, parent))
    total, different = (sum(column) for column in zip(*progress.finished.values()))
    if options.write_numbers:
        write_numbers(total, different, len(options.family), time.time() - started)
    print(f"{total:,} texts, {different} differences")
    sys.exit(different != 0)


if __name__ == "__main__":
    main()
