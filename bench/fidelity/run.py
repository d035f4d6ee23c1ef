"""Fidelity of int8 within the top tenth: rivals and Hasten on the same texts, as rows of a table.

usage: run.py --hasten PROGRAM FOLDER TEXTS [--count 10000] [--label LABEL]

FOLDER is a checkpoint folder with tokenizer.json, TEXTS one text a line (or .gz).
"""

import argparse
import csv
import gzip
import json
import subprocess
import tempfile
from pathlib import Path

import numpy
from rivals import RIVALS
from tokenizers import Tokenizer

BATCH = 32
CALIBRATION = 300


def read_texts(path, count):
    opened = gzip.open(path, "rt", encoding="utf-8", newline="\n") if path.suffix == ".gz" else open(path, encoding="utf-8", newline="\n")
    with opened as file:
        return [line.rstrip("\n") for line in file][:count]


def encode(folder, texts):
    """Token ids of each text, cut where the model's settings cut them."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    settings = folder / "model_args.json"
    length = json.loads(settings.read_text(encoding="utf-8"))["max_seq_length"] if settings.exists() else 512
    tokenizer.enable_truncation(length)
    return [encoding.ids for encoding in tokenizer.encode_batch(texts)]


def score(function, ids):
    """Logits in the order of the texts; batches of similar lengths, as everybody makes them."""
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    logits = None
    for begin in range(0, len(order), BATCH):
        rows = order[begin:begin + BATCH]
        padded = numpy.zeros((len(rows), max(len(ids[i]) for i in rows)), numpy.int64)
        mask = numpy.zeros_like(padded)
        for row, i in enumerate(rows):
            padded[row, :len(ids[i])] = ids[i]
            mask[row, :len(ids[i])] = 1
        result = numpy.asarray(function(padded, mask), dtype=numpy.float32)
        logits = numpy.zeros((len(ids), result.shape[1]), numpy.float32) if logits is None else logits
        logits[rows] = result
    return logits


def verify(hasten, *arguments):
    done = subprocess.run([hasten, "verify", *map(str, arguments), "--json"], capture_output=True, text=True)
    assert done.returncode in (0, 8), done.stderr
    return json.loads(done.stdout)


def row(name, report, label):
    each = next(each for each in report["classes"] if each["label"] == label)
    top = next(top for top in each["top"] if top["top"] == "10%")
    flips = next(flips for flips in each["flips"] if flips["at"] == "0.5")
    largest = each["logit_differences"]["largest"]
    return (f"| {name} | {top['spearman']['value']:.5f} | {top['overlap']['value']:.3f} | {largest:.3g} | "
            f"{flips['share']['value']:.2%} | {each['distinct_b']:,} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hasten", required=True)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--label", default="1")
    parser.add_argument("folder", type=Path)
    parser.add_argument("texts", type=Path)
    options = parser.parse_args()
    texts = read_texts(options.texts, options.count)
    ids = encode(options.folder, texts)
    with tempfile.TemporaryDirectory() as workspace:
        workspace = Path(workspace)
        source = workspace / "texts.txt"
        source.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
        converted = workspace / "model.onnx"
        subprocess.run([options.hasten, "convert", options.folder, converted, "--quiet"], check=True)
        subprocess.run([options.hasten, "predict", converted, "--input", source, "--json", "--quiet", "--precision", "fp32"],
                       check=True, stdout=open(workspace / "reference.jsonl", "w", encoding="utf-8"))
        reference = numpy.array([json.loads(line)["logits"] for line in open(workspace / "reference.jsonl", encoding="utf-8")])
        labels = verify(options.hasten, f"{converted}@bf16", "--input", source, "--limit", "50", "--budget", "argmax>=0")["classes"]
        labels = [each["label"] for each in labels]
        write_table(workspace / "reference.csv", labels, reference)
        print("| | Spearman | overlap | largest logit difference | flips at 0.5 | different scores |\n|---|---|---|---|---|---|", flush=True)
        calibration = [numpy.array([each], numpy.int64) for each in ids[-CALIBRATION:]]
        for name, make in RIVALS.items():
            try:
                logits = score(make(options.folder, converted, workspace, calibration), ids)
            except Exception as error:  # a rival that cannot be installed or run here is a row that says so
                print(f"| {name} | {type(error).__name__}: {str(error)[:80]} | | | | |", flush=True)
                continue
            write_table(workspace / "rival.csv", labels, logits)
            report = verify(options.hasten, workspace / "reference.csv", workspace / "rival.csv", "--input", source, "--budget", "argmax>=0")
            print(row(name, report, options.label), flush=True)
        for precision in ("int8-plain", "int8", "bf16"):
            report = verify(options.hasten, workspace / "reference.csv", f"{converted}@{precision}", "--input", source,
                            "--budget", "argmax>=0")
            print(row(f"Hasten {precision}", report, options.label), flush=True)


def write_table(path, labels, logits):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"logit_{label}" for label in labels])
        writer.writerows(logits.tolist())


if __name__ == "__main__":
    main()
