"""Fails when the whole engine falls below its own last figures: shares of the peak measured in the same run.

    .venv/bin/python bench/whole_job/check_speed.py --hasten build/release/hasten [--record]

The figures are in speed.json, for each kind of processor: the best share of several runs, on one thread. --record
writes those of this machine. A processor without figures is skipped, with a word.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from models import find_model, ROOT
from texts import TWEETS, read_texts, write_lines

FIGURES = Path(__file__).with_name("speed.json")
MODELS = {"sentiment": 2000, "minilm": 600}  # texts
PRECISIONS = ["fp32", "bf16", "int8"]
RUNS = 7
TOLERATED = 0.85  # of the recorded share


def processor():
    fields = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines())
    values = {name.strip(): value.strip() for name, value in fields.items()}
    return f"{values.get('vendor_id')} family {values.get('cpu family')}"


def best_share(hasten, model, texts, precision):
    shares = []
    for _ in range(RUNS):
        done = subprocess.run([hasten, "bench", model, "--input", texts, "--precision", precision, "--threads", "1",
                               "--json"], check=True, capture_output=True, text=True)
        shares.append(json.loads(done.stdout)["peak_ratio"])
    return round(max(shares), 3)


def measure(hasten, folder):
    shares = {}
    for name, count in MODELS.items():
        model = find_model(name, folder)
        if model is None:
            continue
        texts = Path(folder) / "texts.txt"
        write_lines(texts, read_texts(TWEETS, count))
        shares[name] = {precision: best_share(hasten, model, texts, precision) for precision in PRECISIONS}
    return shares


def check(shares, recorded):
    """The lines to print, and how many figures fell."""
    lines, fallen = [], 0
    for name, own in shares.items():
        for precision, share in own.items():
            last = recorded.get(name, {}).get(precision)
            bad = last is not None and share < TOLERATED * last
            fallen += bad
            lines.append(f"{name} {precision}: {share:.1%} of the peak, {f'{last:.1%}' if last else 'nothing'} "
                         f"before{': TOO SLOW' if bad else ''}")
    return lines, fallen


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hasten", required=True, type=Path)
    parser.add_argument("--record", action="store_true")
    arguments = parser.parse_args()
    figures = json.loads(FIGURES.read_text())
    if processor() not in figures and not arguments.record:
        print(f"skipped: there are no figures of {processor()}; record them with --record")
        return
    with tempfile.TemporaryDirectory() as folder:
        shares = measure(arguments.hasten, folder)
    if arguments.record:
        figures[processor()] = shares
        FIGURES.write_text(json.dumps(figures, indent=2) + "\n")
    lines, fallen = check(shares, figures[processor()])
    print("\n".join(lines))
    sys.exit(1 if fallen else 0)


if __name__ == "__main__":
    main()
