"""Puts the output of the README's three sentences into the README.

usage: update_readme.py HASTEN
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
MARKERS = ("<!-- three sentences begin -->", "<!-- three sentences end -->")
SENTENCES = ["Today is the first day of my new job, so excited", "Hello I love you", "This is a test"]


def main():
    output = subprocess.run([sys.argv[1], "predict", ROOT / "examples" / "tweet-sentiment", *SENTENCES, "--logits"],
                            check=True, capture_output=True, text=True).stdout
    rows = [line.split("\t") for line in output.splitlines()]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    table = "\n".join("    " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)
    text = README.read_text(encoding="utf-8")
    head, rest = text.split(MARKERS[0])
    README.write_text(f"{head}{MARKERS[0]}\n\n{table}\n\n{MARKERS[1]}{rest.split(MARKERS[1])[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
