"""The logits are the bits that other processors gave: in fp32 and int8 nothing depends on the instruction set.

A change that orders sums anew changes them on purpose: run this file to write tests/goldens/bits anew, and say so.
"""

import json
import os
import sys
from pathlib import Path

import pytest

from conftest import ROOT, SENTIMENT, TWEETS, Command

GOLDENS = ROOT / "tests" / "goldens" / "bits"
TEXTS = 40
PRECISIONS = ["fp32", "int8", "int8-plain"]


def lines_of(hasten, precision, *flags):
    """One row of logits a line, as few digits as name each float32."""
    rows = hasten.json_lines("predict", SENTIMENT, "--input", TWEETS, "--json", "--precision", precision, *flags)
    return [json.dumps(row["logits"]) for row in rows[:TEXTS]]


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_bits_are_those_of_other_processors(hasten, precision):
    expected = (GOLDENS / f"{precision}.jsonl").read_text(encoding="utf-8").splitlines()
    for each in json.loads(hasten.ok("inspect", "--cpu", "--json"))["instruction_sets"]:
        if each["available"]:
            assert lines_of(hasten, precision, "--isa", each["name"]) == expected, each["name"]


if __name__ == "__main__":
    GOLDENS.mkdir(exist_ok=True)
    for name in PRECISIONS:
        lines = lines_of(Command(Path(sys.argv[1] if len(sys.argv) > 1 else os.environ["HASTEN"])), name)
        (GOLDENS / f"{name}.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="\n")
