"""Labels many short rows with a tiny model: memory, exactness, cost per million rows. Writes docs/numbers.md.

One row in a hundred has no text or a malformed one. Fails when rows are lost or miscounted, when memory grows by 2 % or
more after the first fifth of the time, or when the last third of the rows costs 5 % more processor time than the first.

usage: soak.py --hasten PROGRAM [--rows 10000000] [--dry-run]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
import pyarrow
import pyarrow.compute as compute
import pyarrow.parquet as parquet

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench" / "whole_job"))
sys.path.insert(0, str(ROOT / "bench"))

from models import BERT_BASE, bert_tensors, make_folder  # noqa: E402
from numbers_page import measured_by, write_part  # noqa: E402

TINY = dict(BERT_BASE, hidden_size=64, intermediate_size=128, num_attention_heads=2, num_hidden_layers=1)
WORDS = "work job lost hired today boss fired happy sad shift money new week interview offer".split()
ROWS_OF_A_PART = 1_000_000
MOST_MEMORY_GROWTH = 0.02
MOST_COST_GROWTH = 0.05


def make_part(path, first, count, generator):
    """Ids from `first` on, texts of four words and a number, of which few occur twice; returns the bad rows of each kind."""
    words = pyarrow.array(WORDS)
    columns = [words.take(pyarrow.array(generator.integers(0, len(WORDS), count))) for _ in range(4)]
    numbers = pyarrow.array(generator.integers(0, 1_000_000_000, count)).cast(pyarrow.string())
    texts = compute.binary_join_element_wise(*columns, numbers, " ").cast(pyarrow.binary())
    kinds = generator.permutation(count)  # of which the first half per cent are null, the next malformed
    nulls, malformed = count // 200, count // 200
    texts = compute.if_else(pyarrow.array(kinds < nulls), pyarrow.scalar(None, pyarrow.binary()), texts)
    is_malformed = pyarrow.array((kinds >= nulls) & (kinds < nulls + malformed))
    texts = compute.if_else(is_malformed, pyarrow.scalar(b"caf\xe9 work", pyarrow.binary()), texts)
    ids = pyarrow.array(range(first, first + count), pyarrow.int64())
    parquet.write_table(pyarrow.table({"id": ids, "text": texts}), path, row_group_size=100_000)
    return {"null": nulls, "invalid_utf8": malformed}


def resident_bytes(process):
    with open(f"/proc/{process}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))


def processor_seconds(process):
    with open(f"/proc/{process}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def watch(process, out):
    """Memory over time, and processor seconds at the end of each part, until the process ends."""
    memory, costs, began = [], [], time.time()
    while process.poll() is None:
        try:
            memory.append((time.time() - began, resident_bytes(process.pid)))
            used = processor_seconds(process.pid)
        except (OSError, StopIteration):
            break
        done = len(list((out / "_hasten" / "parts").glob("*.json"))) if out.exists() else 0
        costs += [used] * (done - len(costs))
        time.sleep(0.1)
    return memory, costs


def growth_of(memory):
    """The most in the last half against the most between a fifth and the half of the time."""
    end = memory[-1][0]
    early = max(size for at, size in memory if 0.2 * end <= at < 0.5 * end)
    late = max(size for at, size in memory if at >= 0.5 * end)
    return late / early - 1, max(size for _, size in memory)


def check_rows(out, rows):
    """Every id once, in order."""
    ids = [parquet.read_table(path, columns=["id"])["id"].to_numpy() for path in sorted(out.glob("*.parquet"))]
    return numpy.array_equal(numpy.concatenate(ids), numpy.arange(rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hasten", required=True, type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--dry-run", action="store_true", help="print, and leave docs/ alone")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = make_folder(folder / "model", TINY, bert_tensors)
        (folder / "in").mkdir()
        generator, bad = numpy.random.default_rng(7), {"null": 0, "invalid_utf8": 0}
        for first in range(0, arguments.rows, ROWS_OF_A_PART):
            count = min(ROWS_OF_A_PART, arguments.rows - first)
            for kind, number in make_part(folder / "in" / f"part-{first // ROWS_OF_A_PART:05}.parquet", first, count,
                                          generator).items():
                bad[kind] += number
        with open(folder / "report.json", "wb") as report_file:
            process = subprocess.Popen([arguments.hasten, "label", "--model", model, "--input", folder / "in", "--output",
                                        folder / "out", "--json"], stdout=report_file)
            memory, costs = watch(process, folder / "out")
        assert process.wait() == 0, "the job failed"
        report = json.loads((folder / "report.json").read_text())
        exact = check_rows(folder / "out", arguments.rows)
    growth, most = growth_of(memory)
    steps = numpy.diff(costs)  # without the first part, in which models and tables are loaded
    third = max(1, len(steps) // 3)
    cost_growth = float(numpy.mean(steps[-third:]) / numpy.mean(steps[:third]) - 1) if len(steps) > 1 else 0.0
    statuses = {kind: report["rows_by_status"].get(kind, 0) for kind in bad}
    text = "\n".join([
        f"{measured_by('make soak')}: {arguments.rows:,} rows in parts of a million, one layer of 64.", "",
        "| | |", "|---|---|",
        f"| rows in, rows out, each id once and in order | {arguments.rows:,}, {report['rows']:,}, "
        f"{'yes' if exact else 'no'} |",
        f"| bad rows put in, counted | {sum(bad.values()):,}, {sum(statuses.values()):,} ({statuses}) |",
        f"| most memory; growth from the second to the last half | {most / 1e6:.0f} MB; {100 * growth:+.2f} % |",
        f"| processor seconds a million rows, second part to last | {', '.join(f'{step:.1f}' for step in steps)} |",
        f"| the last third against the first | {100 * cost_growth:+.1f} % |",
        f"| rows a second | {report['rows'] / report['speed']['seconds']:,.0f} |"])
    print(text)
    if not arguments.dry_run:
        write_part("soak", text)
    failures = [what for what, holds in {
        "rows": exact and report["rows"] == arguments.rows, "bad rows": statuses == bad,
        "memory": growth < MOST_MEMORY_GROWTH, "cost": cost_growth < MOST_COST_GROWTH}.items() if not holds]
    print("failed: " + ", ".join(failures) if failures else "all hold")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
