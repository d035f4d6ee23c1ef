"""How many encoder layers `hasten optimize` fuses of every export, and ONNX Runtime's optimiser of the same files.

    .venv/bin/python bench/optimize/fused.py --hasten build/release/hasten

Reads the committed archives of tests/goldens/exports, which hold each export as it is and as ONNX Runtime's
optimiser (onnxruntime.transformers.optimizer 1.32) writes it. A layer counts as fused when its attention is one
operator. Rewrites the table in docs/numbers.md.
"""

import argparse
import datetime
import json
import subprocess
import sys
import tarfile
import tempfile
from collections import defaultdict
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
import numbers_page  # noqa: E402

EXPORTS = Path(__file__).resolve().parents[2] / "tests" / "goldens" / "exports"
FUSED = ("com.microsoft.Attention", "com.microsoft.MultiHeadAttention", "com.microsoft.QAttention")


def count(operators):
    return sum(operators.get(name, 0) for name in FUSED)


def inspect(hasten, path):
    return json.loads(subprocess.run([hasten, "inspect", path, "--json"], check=True, capture_output=True, text=True).stdout)


def count_family(hasten, archive, counts):
    """Adds (layers, fused by Hasten, fused by ONNX Runtime, files, on the engine's kernels) by exporter."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as packed:
            packed.extractall(folder)
        root = Path(folder) / archive.name.split(".")[0]
        goldens = json.loads((root / "golden.json").read_text())["files"]
        for name, golden in goldens.items():
            optimized = root / f"{name[:-len('.onnx')]}.ort.onnx"
            exporter = name.split(".")[1]
            if len(name.split(".")) > 4 or not optimized.exists() or name.endswith(".ort.onnx"):
                continue
            summary = inspect(hasten, root / name)
            row = counts[archive.name.split(".")[0], exporter]
            row[0] += golden["layers"]
            row[1] += count(summary["optimized_operators"])
            row[2] += count(inspect(hasten, optimized)["operators"])
            row[3] += 1
            row[4] += summary["obstacle"] == ""


def table(counts):
    lines = [f"{datetime.date.today()}; `make bench-optimize`.", "",
             "| family | exporter | files | layers | fused by Hasten | by ONNX Runtime 1.32's optimiser "
             "| files on the engine's kernels |", "|---|---|---|---|---|---|---|"]
    for (family, exporter), (layers, ours, theirs, files, lowered) in sorted(counts.items()):
        lines.append(f"| {family} | {exporter} | {files} | {layers} | {ours} | {theirs} | {lowered} |")
    sums = [sum(row[k] for row in counts.values()) for k in range(5)]
    lines.append(f"| all | | {sums[3]} | {sums[0]} | {sums[1]} | {sums[2]} | {sums[4]} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hasten", required=True)
    arguments = parser.parse_args()
    counts = defaultdict(lambda: [0, 0, 0, 0, 0])
    for archive in sorted(EXPORTS.glob("*.tar.xz")):
        count_family(arguments.hasten, archive, counts)
    text = table(counts)
    print(text)
    numbers_page.write_part("fused", text)


if __name__ == "__main__":
    main()
