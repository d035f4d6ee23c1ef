"""What `hasten label` costs beside the engine, on the same texts in the same minute. Writes docs/numbers.md.

Three questions, a round of each in a process of its own, which a launcher can wrap:
speed       tokens a second of `label` from Parquet to Parquet against `bench`, in turn
models      five models in one pass against their five forward passes, and against five times `bench`
duplicates  three texts in ten that were there before: seconds with --dedup none against --dedup window

usage: run.py --hasten PROGRAM [--models minilm bert-base] [--rounds 3] [--launcher COMMAND] [--dry-run]
"""

import argparse
import csv
import gzip
import json
import random
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow
import pyarrow.parquet as parquet

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench" / "whole_job"))
sys.path.insert(0, str(ROOT / "bench"))

from models import find_model  # noqa: E402
from numbers_page import measured_by, write_part  # noqa: E402

TWEETS = ROOT.parent / "shared" / "data" / "tweeteval" / "emoji" / "test_text.txt.gz"
PRECISION = ("--precision", "int8")
BENCH_TEXTS = 2000
COUNTRY_MODELS = ("is_hired_1mo", "is_unemployed", "job_search", "job_offer", "lost_job_1mo")


def read_texts(count):
    """Tweets of ../shared, or the bundled ones, over and over."""
    if TWEETS.exists():
        with gzip.open(TWEETS, "rt", encoding="utf-8", newline="\n") as file:
            texts = file.read().split("\n")[:-1]
    else:
        with open(ROOT / "examples" / "tweets.csv", encoding="utf-8", newline="") as file:
            texts = [row["text"] for row in csv.DictReader(file)]
    return (texts * (count // len(texts) + 1))[:count]


class Bench:
    """One model and its texts."""

    def __init__(self, arguments, name, folder):
        self.hasten, self.folder = arguments.hasten, folder
        self.rate = None
        self.seconds, self.pairs = arguments.seconds, arguments.pairs
        self.texts = read_texts(BENCH_TEXTS)
        checkpoint = find_model(name, ROOT / "build" / "bench" / "checkpoints")
        self.model = folder / "model.onnx"
        self.run("convert", checkpoint, self.model, "--quiet")
        (folder / "texts.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in self.texts))

    def run(self, *arguments):
        return subprocess.run([self.hasten, *map(str, arguments)], check=True, capture_output=True, text=True).stdout

    def bench(self, seconds):
        """Tokens a second of the engine, from strings to probabilities, on texts for about so long."""
        if self.rate is None:
            self.rate = self.bench_of(200)["texts_per_second"]
        return self.bench_of(max(100, min(BENCH_TEXTS, int(self.rate * seconds / 2))))["tokens_per_second"]

    def bench_of(self, count):
        return json.loads(self.run("bench", self.model, "--input", self.folder / "texts.jsonl", "--limit", count,
                                   "--repetitions", 1, *PRECISION, "--json"))

    def write(self, name, texts):
        path = self.folder / f"{name}.parquet"
        parquet.write_table(pyarrow.table({"tweet_id": pyarrow.array(range(len(texts)), pyarrow.int64()),
                                           "text": texts}), path)
        return path

    def label(self, table, *flags, models=None):
        out = self.folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        flags = [*flags, *PRECISION, "--json"]
        for name, path in (models or {"score": self.model}).items():
            flags += ["--model", f"{name}={path}"]
        return json.loads(self.run("label", "--input", table, "--output", out, *flags))["speed"]


def speed_round(bench):
    """The median of pairs, so that a disturbance counts once."""
    rate = bench.bench_of(200)["texts_per_second"]
    count = max(200, int(rate * bench.seconds))
    table = bench.write("many", (bench.texts * (count // len(bench.texts) + 1))[:count])
    pairs = []
    for _ in range(bench.pairs):
        engine = bench.bench(bench.seconds)
        speed = bench.label(table, "--dedup", "none")
        pairs.append((engine, speed["forward_tokens"] / speed["seconds"], busy_share(speed)))
    return {"engine": statistics.median(engine for engine, _, _ in pairs),
            "label": statistics.median(label for _, label, _ in pairs),
            "share": statistics.median(label / engine for engine, label, _ in pairs),
            "busy": statistics.median(busy for _, _, busy in pairs)}


def busy_share(speed):
    """Of the time of the threads that tokenise and compute, what they did that in."""
    busy = speed["encode_seconds"] + speed["compute_seconds"]
    return busy / (busy + speed["idle_seconds"])


def models_round(bench):
    models = {name: bench.folder / f"{name}.onnx" for name in COUNTRY_MODELS}
    for path in models.values():
        shutil.copy(bench.model, path)
    count = int(bench.bench_of(200)["texts_per_second"] * bench.seconds / 2)
    table = bench.write("five", (bench.texts * (count // len(bench.texts) + 1))[:count])
    pairs = []
    for _ in range(max(1, bench.pairs // 2)):
        engine = bench.bench(bench.seconds)
        speed = bench.label(table, "--dedup", "none", models=models)
        threads = speed["encode_seconds"] + speed["compute_seconds"] + speed["idle_seconds"]
        pairs.append((threads / speed["compute_seconds"], speed["seconds"] * engine / speed["forward_tokens"]))
    return {"against_forward": statistics.median(forward for forward, _ in pairs),
            "against_bench": statistics.median(strings for _, strings in pairs),
            "tokenised": speed["encoded_texts"] / count, "computed": speed["forward_texts"] / count}


def duplicates_round(bench):
    count = int(bench.bench_of(200)["texts_per_second"] * bench.seconds)
    dice = random.Random(count)
    texts = []
    for index in range(count):  # a number makes a text another one
        again = len(texts) > 100 and index % 10 < 3
        texts.append(dice.choice(texts) if again else f"{bench.texts[index % len(bench.texts)]} {index}")
    table = bench.write("doubled", texts)
    pairs = []
    for _ in range(max(1, bench.pairs // 2)):
        without = bench.label(table, "--dedup", "none")
        within = bench.label(table, "--dedup", "window")
        pairs.append(without["seconds"] / within["seconds"])
    return {"duplicates": within["duplicates"] / count, "faster": statistics.median(pairs)}


ROUNDS = {"speed": speed_round, "models": models_round, "duplicates": duplicates_round}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hasten", required=True, type=Path)
    parser.add_argument("--models", nargs="+", default=["minilm", "bert-base"], choices=["sentiment", "minilm", "bert-base"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=5, help="of runs in a round, of which the median counts")
    parser.add_argument("--seconds", type=float, default=5, help="of each measured run, about")
    parser.add_argument("--launcher", type=shlex.split, default=[], help="a command to run each round under")
    parser.add_argument("--dry-run", action="store_true", help="print, and leave docs/ alone")
    parser.add_argument("--round", nargs=2, metavar=("QUESTION", "MODEL"), help=argparse.SUPPRESS)
    return parser.parse_args()


def measure(arguments, question, model):
    """The medians of the rounds."""
    command = [*arguments.launcher, sys.executable, __file__, "--hasten", arguments.hasten, "--seconds",
               str(arguments.seconds), "--pairs", str(arguments.pairs), "--round", question, model]
    rounds = [json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
              for _ in range(arguments.rounds)]
    print(question, model, rounds, file=sys.stderr, flush=True)
    return {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}


def main():
    arguments = parse_arguments()
    if arguments.round:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(ROUNDS[arguments.round[0]](Bench(arguments, arguments.round[1], Path(folder)))))
        return
    lines = [f"{measured_by('make bench-label')}; int8, all processors, medians of {arguments.rounds} rounds of {arguments.pairs} pairs.", "",
             "| model | `hasten bench`, tokens/s | `hasten label`, tokens/s | share | threads busy |", "|---|---|---|---|---|"]
    for model in arguments.models:
        result = measure(arguments, "speed", model)
        lines.append(f"| {model} | {result['engine']:,.0f} | {result['label']:,.0f} | {100 * result['share']:.1f} % "
                     f"| {100 * result['busy']:.1f} % |")
    lines += ["", "| model | five models in one pass, times their five forward passes | times five `hasten bench` | texts "
              "tokenised, computed for each row |", "|---|---|---|---|"]
    for model in arguments.models:
        result = measure(arguments, "models", model)
        lines.append(f"| {model} | {result['against_forward']:.3f} | {result['against_bench']:.3f} | "
                     f"{result['tokenised']:.2f}, {result['computed']:.2f} |")
    lines += ["", "| model | duplicates found | faster than without looking for them |", "|---|---|---|"]
    for model in arguments.models:
        result = measure(arguments, "duplicates", model)
        lines.append(f"| {model} | {100 * result['duplicates']:.1f} % | {result['faster']:.2f}x |")
    text = "\n".join(lines)
    print(text)
    if not arguments.dry_run:
        write_part("label", text)


if __name__ == "__main__":
    main()
