"""Times Hasten and its rivals on the same texts in the same run, compares their outputs, writes docs/numbers.md.

usage: run.py --hasten PROGRAM [--models sentiment minilm bert-base] [--texts FILE] [--count N] [--dry-run]
"""

import argparse
import csv
import datetime
import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy

from models import ROOT, find_model
from plot import bar_chart

HERE = Path(__file__).resolve().parent
TWEETS = ROOT.parent / "shared" / "data" / "tweeteval" / "emoji" / "test_text.txt.gz"
NUMBERS = ROOT / "docs" / "numbers.md"
PICTURE = ROOT / "docs" / "speed.svg"
RIVALS = ROOT / ".venv-bench" / "bin" / "python"
MARKERS = ("<!-- whole_job begin -->", "<!-- whole_job end -->")
DEFAULT_COUNTS = {"sentiment": 10000, "minilm": 2000, "bert-base": 300}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hasten", required=True)
    parser.add_argument("--models", nargs="+", default=list(DEFAULT_COUNTS), choices=list(DEFAULT_COUNTS))
    parser.add_argument("--texts", type=Path, default=TWEETS)
    parser.add_argument("--count", type=int, help="texts (default: by model)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dry-run", action="store_true", help="print, and leave docs/numbers.md alone")
    return parser.parse_args()


def read_texts(path, count):
    if not path.exists():
        with open(ROOT / "examples" / "tweets.csv", encoding="utf-8", newline="") as file:
            texts = [" ".join(row["text"].split()) for row in csv.DictReader(file)]
    else:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", newline="\n") as file:
            texts = file.read().split("\n")[:-1]
    return (texts * (count // len(texts) + 1))[:count]


def run_json(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout)


def measure_hasten(arguments, model, texts_path):
    report = run_json([arguments.hasten, "bench", model, "--input", texts_path, "--limit", 10**9,
                       "--threads", arguments.threads, "--json"])
    lines = subprocess.run([arguments.hasten, "predict", model, "--input", texts_path, "--json", "--quiet"],
                           check=True, capture_output=True, text=True).stdout.split("\n")[:-1]
    report["probabilities"] = [json.loads(line)["probabilities"] for line in lines]
    return report


def measure_model(arguments, name, workspace):
    """Rows of the table for one model; the first is Hasten's."""
    folder = find_model(name, workspace)
    if folder is None:
        return []
    texts_path = workspace / "texts.txt"
    texts = read_texts(arguments.texts, arguments.count or DEFAULT_COUNTS[name])
    texts_path.write_text("".join(text + "\n" for text in texts), encoding="utf-8", newline="\n")
    model = workspace / f"{name}.onnx"
    subprocess.run([arguments.hasten, "convert", folder, model, "--quiet"], check=True)
    optimized = workspace / f"{name}-optimized.onnx"
    subprocess.run([arguments.hasten, "optimize", model, optimized, "--quiet"], check=True)
    ours = measure_hasten(arguments, model, texts_path)
    flops_per_token = ours["flops_per_second"] / ours["tokens_per_second"]
    rows = [(name, "Hasten fp32", ours["tokens_per_second"], ours["texts_per_second"], ours["peak_ratio"],
             ours["peak_memory"], 0.0, 1.0)]
    max_length = json.loads((folder / "model_args.json").read_text())["max_seq_length"]
    for script in sorted(HERE.glob("rival_*.py")):
        rival = run_json([RIVALS, script, "--folder", folder, "--onnx", model, optimized, "--texts", texts_path,
                          "--threads", arguments.threads, "--max-length", max_length])
        speed = rival["tokens"] / rival["seconds"]
        difference = numpy.abs(numpy.subtract(rival["probabilities"], ours["probabilities"])).max()
        rows.append((name, f"{rival['name']} {rival['version']} ({rival['form']}, batch {rival['batch_size']})", speed,
                     len(texts) / rival["seconds"], speed * flops_per_token / ours["peak_flops"],
                     rival["peak_memory"], difference, ours["tokens_per_second"] / speed))
    return rows


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))


def as_markdown(rows, arguments):
    lines = [MARKERS[0], "",
             f"{datetime.date.today()}, {processor()}, {arguments.threads} threads; `make bench`.", "",
             "| model | program | tokens/s | texts/s | of peak | max RSS | largest difference of a probability | Hasten is faster by |",
             "|---|---|---|---|---|---|---|---|"]
    for model, program, tokens, texts, ratio, memory, difference, factor in rows:
        lines.append(f"| {model} | {program} | {tokens:,.0f} | {texts:,.0f} | {ratio:.0%} | {memory / 1e6:,.0f} MB "
                     f"| {difference:.1e} | {factor:.2f}x |")
    return "\n".join(lines + ["", MARKERS[1]])


def write_numbers(table):
    text = NUMBERS.read_text(encoding="utf-8")
    head, rest = text.split(MARKERS[0])
    NUMBERS.write_text(head + table + rest.split(MARKERS[1])[1], encoding="utf-8")


def write_picture(rows):
    groups = {}
    for model, program, _, texts_per_second, *_ in rows:
        groups.setdefault(f"{model}: texts/s", []).append(
            (program, texts_per_second, program.startswith("Hasten")))
    PICTURE.write_text(bar_chart(list(groups.items())), encoding="utf-8")


def main():
    arguments = parse_arguments()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.models:
            rows += measure_model(arguments, name, Path(folder))
    table = as_markdown(rows, arguments)
    print(table)
    if not arguments.dry_run:
        write_numbers(table)
        write_picture(rows)


if __name__ == "__main__":
    main()
