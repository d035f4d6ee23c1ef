"""Runs the tests of faults in full and writes their counts into docs/numbers.md.

usage: run.py HASTEN disk|store [--dry-run]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests" / "end_to_end"
sys.path.insert(0, str(ROOT / "bench"))

from numbers_page import measured_by, write_part  # noqa: E402

# Where the job's files lie: the tests, their part of docs/numbers.md, and what runs it.
PLACES = {"disk": (["test_label_faults.py", "test_label_shared_results.py"], "faults", "make test-faults"),
          "store": (["test_label_s3.py", "test_label_s3_faults.py"], "store-faults", "make test-s3")}


def counts_of(report):
    """What the passed tests counted, in their order."""
    rows = []
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("failure") is None and case.find("error") is None:
            rows += [(item.get("name"), item.get("value")) for item in case.iter("property")]
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hasten", type=Path)
    parser.add_argument("place", choices=PLACES)
    parser.add_argument("--dry-run", action="store_true", help="print, and leave docs/ alone")
    arguments = parser.parse_args()
    tests, part, command = PLACES[arguments.place]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}",
             *(TESTS / name for name in tests)],
            env=dict(os.environ, HASTEN=str(arguments.hasten.resolve()), HASTEN_TEST_FULL="1"))
        rows = counts_of(report)
    table = [f"{measured_by(command)}.", "", "| what was done | times |", "|---|---|"]
    table += [f"| {what} | {number} |" for what, number in rows]
    text = "\n".join(table)
    print(text)
    if done.returncode == 0 and not arguments.dry_run:
        write_part(part, text)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
