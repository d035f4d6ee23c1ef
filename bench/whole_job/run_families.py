"""Times Hasten and ONNX Runtime on families whose attention positions have a say in, or which run on the generic
engine, in turn, on the same texts.

ONNX Runtime in fp32 in the best of its forms: the converted file, that after its own optimiser and after Hasten's, each
in batches of 8 and 32 sorted by length. Run it with the benchmarks' Python (.venv-bench).

usage: run_families.py --hasten PROGRAM [--models deberta-v3-base ... | --generic] [--count N] [--join N]
                       [--workspace FOLDER] [--write-numbers]
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy

from families import FAMILIES
from generic_families import GENERIC_FAMILIES
from models import ROOT, find_model
from rival import classify_all
from rival_onnxruntime import open_session
from texts import TWEETS, read_texts, write_lines

sys.path.insert(0, str(ROOT / "bench"))
import numbers_page  # noqa: E402

MAX_LENGTH = 128


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hasten", required=True, type=Path)
    parser.add_argument("--models", nargs="+", default=list(FAMILIES),
                        choices=[*FAMILIES, *GENERIC_FAMILIES])
    parser.add_argument("--generic", action="store_true", help="the families of the generic engine")
    parser.add_argument("--write-numbers", action="store_true", help="the table of --generic into docs/numbers.md")
    parser.add_argument("--count", type=int, default=490, help="texts")
    parser.add_argument("--join", type=int, default=1, help="tweets that make one text")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--workspace", type=Path, default=ROOT / "build" / "bench", help="where the models stay")
    return parser.parse_args()


def make_files(arguments, name):
    """The folder and the model as ONNX: {form: path}."""
    from onnxruntime.transformers import optimizer
    folder = find_model(name, arguments.workspace)
    paths = {form: folder / f"{form}.onnx" for form in ("converted", "own optimiser", "Hasten's optimiser")}
    converted, own, optimized = paths.values()
    if not optimized.exists():
        subprocess.run([arguments.hasten, "convert", folder, converted, "--quiet"], check=True)
        subprocess.run([arguments.hasten, "optimize", converted, optimized, "--quiet"], check=True)
        try:
            optimizer.optimize_model(str(converted), model_type="bert", num_heads=0, hidden_size=0,
                                     opt_level=0).save_model_to_file(str(own))
        except (IndexError, AttributeError, AssertionError) as error:  # as at ModernBERT's LayerNormalization without a bias
            print(f"ONNX Runtime's own optimiser stops at {name}: {error!r}", file=sys.stderr)
    return folder, {form: path for form, path in paths.items() if path.exists()}


class OnnxRuntime:
    def __init__(self, folder, paths, texts, threads):
        from tokenizers import Tokenizer
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(MAX_LENGTH)
        self.texts, self.threads = texts, threads
        self.form, self.lanes, self.batch_size = self.search(paths)

    def search(self, paths):
        """The fastest form and batch size, judged on a part of the texts."""
        part = self.texts[:96]
        best = None
        for form, path in paths.items():
            lanes = [open_session(path, self.threads)]
            for batch_size in (8, 32):
                classify_all(self.tokenizer, lanes, part[:batch_size], batch_size)
                start = time.perf_counter()
                classify_all(self.tokenizer, lanes, part, batch_size)
                seconds = time.perf_counter() - start
                if best is None or seconds < best[0]:
                    best = seconds, form, lanes, batch_size
        return best[1:]

    def run(self):
        """Tokens per second and the probabilities."""
        start = time.perf_counter()
        probabilities, tokens = classify_all(self.tokenizer, self.lanes, self.texts, self.batch_size)
        return tokens / (time.perf_counter() - start), probabilities


def bench(arguments, model, texts_path, precision):
    done = subprocess.run([arguments.hasten, "bench", model, "--input", texts_path, "--limit", str(10**9), "--threads",
                           str(arguments.threads), "--precision", precision, "--repetitions", "1", "--json"],
                          check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def predict(arguments, model, texts_path):
    lines = subprocess.run([arguments.hasten, "predict", model, "--input", texts_path, "--json", "--quiet",
                            "--precision", "fp32"], check=True, capture_output=True, text=True).stdout
    return [json.loads(line)["probabilities"] for line in lines.split("\n")[:-1]]


def measure(arguments, name):
    folder, paths = make_files(arguments, name)
    tweets = read_texts(TWEETS, arguments.count * arguments.join)
    texts = [" ".join(tweets[i:i + arguments.join]) for i in range(0, len(tweets), arguments.join)]
    texts_path = arguments.workspace / "family-texts.txt"
    write_lines(texts_path, texts)
    rival = OnnxRuntime(folder, paths, texts, arguments.threads)
    precisions = ("fp32",) if name in GENERIC_FAMILIES else ("fp32", "bf16", "int8")
    ours = {precision: [] for precision in precisions}
    theirs = []
    for _ in range(arguments.rounds):
        for precision, reports in ours.items():
            reports.append(bench(arguments, paths["converted"], texts_path, precision))
        speed, probabilities = rival.run()
        theirs.append(speed)
    difference = numpy.abs(numpy.subtract(predict(arguments, paths["converted"], texts_path), probabilities)).max()
    reference = statistics.median(theirs)
    for precision, reports in ours.items():
        speed = statistics.median(report["tokens_per_second"] for report in reports)
        share = statistics.median(report["peak_ratio"] for report in reports)
        shown = f"{difference:.1e}" if precision == "fp32" else ""
        peak = f"{share:.0%}" if share else ""  # the generic engine does not count its operations
        yield f"| {name} | Hasten {precision} | {speed:,.0f} | {peak} | {speed / reference:.2f}x | {shown} |"
    yield f"| {name} | ONNX Runtime fp32 ({rival.form}, batch {rival.batch_size}) | {reference:,.0f} | | 1.00x | |"


def main():
    arguments = parse_arguments()
    arguments.workspace.mkdir(parents=True, exist_ok=True)
    lines = ["| model | program | tokens/s | of peak | against ONNX Runtime fp32 | largest difference of a probability |",
             "|---|---|---|---|---|---|"]
    print(*lines, sep="\n")
    for name in GENERIC_FAMILIES if arguments.generic else arguments.models:
        for line in measure(arguments, name):
            print(line, flush=True)
            lines.append(line)
    if arguments.generic and arguments.write_numbers:
        measured = numbers_page.measured_by("make bench-generic")
        numbers_page.write_part("generic", f"{measured}; {arguments.count} tweets.\n\n" + "\n".join(lines))


if __name__ == "__main__":
    main()
