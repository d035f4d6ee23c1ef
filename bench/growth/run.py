"""How speed and memory grow with the number of texts, their length and the threads.

    .venv/bin/python bench/growth/run.py --hasten build/release/hasten [--model minilm] [--dry-run]

Every figure is one `hasten bench`: the median of its runs. Texts are tweets, over and over; texts of one length are
tweets strung together and cut. Rewrites its tables in docs/numbers.md and docs/growth.svg.
"""

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "bench" / "whole_job")]
import numbers_page  # noqa: E402
from line_chart import line_charts  # noqa: E402
from models import find_model  # noqa: E402
from texts import TWEETS, read_texts, write_lines  # noqa: E402

PRECISIONS = ["fp32", "bf16", "int8"]
COUNTS = [1_000, 10_000, 100_000]
SMALL_MODEL, SMALL_MODEL_COUNTS = "sentiment", [*COUNTS, 1_000_000]  # a million texts take a larger one too long
LENGTHS = [8, 16, 32, 64, 128, 256, 512]
TOKENS_EACH = 40_000  # of the texts of one length


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hasten", required=True, type=Path)
    parser.add_argument("--model", default="minilm")
    parser.add_argument("--launcher", type=shlex.split, default=[], help="a command to run each program under")
    parser.add_argument("--dry-run", action="store_true", help="print, and leave docs/ alone")
    return parser.parse_args()


class Bench:
    def __init__(self, arguments, folder):
        self.command = [*arguments.launcher, arguments.hasten, "bench", folder, "--json"]
        self.temporary = tempfile.TemporaryDirectory()
        limit = json.loads((folder / "config.json").read_text())["max_position_embeddings"]
        self.lengths = [length for length in LENGTHS if length <= limit]

    def __call__(self, texts, precision, threads=2, repetitions=3, options=()):
        path = Path(self.temporary.name) / "texts.txt"
        write_lines(path, texts)
        done = subprocess.run([*self.command, "--input", path, "--limit", str(len(texts)), "--precision", precision,
                               "--threads", str(threads), "--repetitions", str(repetitions), *options],
                              check=True, capture_output=True, text=True)
        return json.loads(done.stdout)


def by_count(bench, counts):
    for count in counts:
        yield count, bench(read_texts(TWEETS, count), "int8", repetitions=1 if count > 100_000 else 3)


def by_length(bench):
    tweets = read_texts(TWEETS, 20_000)
    for length in bench.lengths:
        step = length // 8 + 1  # tweets of eight tokens or more
        texts = [" ".join(tweets[i:i + step]) for i in range(0, TOKENS_EACH // length * step, step)]
        for precision in PRECISIONS:
            yield precision, length, bench(texts, precision, options=["--max-length", str(length)])


def by_threads(bench):
    texts = read_texts(TWEETS, 3_000)
    for precision in PRECISIONS:
        yield precision, [bench(texts, precision, threads) for threads in (1, 2)]


def megabytes(result):
    return f"{result['peak_memory'] / 1e6:,.0f} MB"


def tables(counts, lengths, threads):
    """counts: {model: [(count, result)]}"""
    lines = [f"{numbers_page.measured_by('make bench-growth')}.", "",
             "| model | texts (int8, 2 threads) | tokens/s | of peak | max RSS |", "|---|---|---|---|---|"]
    lines += [f"| {model} | {count:,} | {result['tokens_per_second']:,.0f} | {result['peak_ratio']:.0%} "
              f"| {megabytes(result)} |" for model, own in counts.items() for count, result in own]
    lines += ["", "| tokens a text (2 threads) | " + " | ".join(f"{precision}, tokens/s | of peak | max RSS"
                                                              for precision in PRECISIONS) + " |",
              "|---|" + "---|---|---|" * len(PRECISIONS)]
    for length in dict.fromkeys(own for _, own, _ in lengths):
        cells = [f"{result['tokens_per_second']:,.0f} | {result['peak_ratio']:.0%} | {megabytes(result)}"
                 for _, own, result in lengths if own == length]
        lines.append(f"| {length} | " + " | ".join(cells) + " |")
    lines += ["", "| precision | 1 thread, tokens/s | 2 threads | growth |", "|---|---|---|---|"]
    for precision, (one, two) in threads:
        speeds = one["tokens_per_second"], two["tokens_per_second"]
        lines.append(f"| {precision} | {speeds[0]:,.0f} | {speeds[1]:,.0f} | {speeds[1] / speeds[0]:.2f}x |")
    return "\n".join(lines)


def picture(model, counts, lengths):
    panels = [(f"{name}: tokens/s", "texts", [("int8", PRECISIONS.index("int8"), [
        (count, result["tokens_per_second"]) for count, result in own])]) for name, own in counts.items()]
    sizes = [(precision, style, [(length, result["tokens_per_second"]) for own, length, result in lengths if own == precision])
             for style, precision in enumerate(PRECISIONS)]
    return line_charts([*panels, (f"{model}: tokens/s", "tokens a text", sizes)],
                       "Speed against the number and the length of texts")


def main():
    arguments = parse_arguments()
    folder = find_model(arguments.model, ROOT / "build" / "bench" / "checkpoints")
    if folder is None:
        raise SystemExit(f"there is no {arguments.model} here")
    bench = Bench(arguments, folder)
    threads = list(by_threads(bench))
    lengths = list(by_length(bench))
    small = Bench(arguments, find_model(SMALL_MODEL, ROOT))
    counts = {arguments.model: list(by_count(bench, COUNTS)), SMALL_MODEL: list(by_count(small, SMALL_MODEL_COUNTS))}
    text = tables(counts, lengths, threads)
    print(text)
    if not arguments.dry_run:
        numbers_page.write_part("growth", text)
        (ROOT / "docs" / "growth.svg").write_text(picture(arguments.model, counts, lengths), encoding="utf-8")


if __name__ == "__main__":
    main()
