"""Runs a program that was built with the sanitizers on every forged and cut file; counts into docs/numbers.md.

usage: run_sanitized.py BUILD/asan/hasten [--dry-run]
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = [ROOT / "tests" / "end_to_end" / name for name in ("test_forged.py", "test_truncation.py")]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tests" / "faults")]

from numbers_page import measured_by, write_part  # noqa: E402
from run import counts_of  # noqa: E402


def is_sanitized(program):
    return b"__asan_init" in program.read_bytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hasten", type=Path)
    parser.add_argument("--dry-run", action="store_true", help="print, and leave docs/ alone")
    arguments = parser.parse_args()
    program = arguments.hasten.resolve()
    if not arguments.dry_run and not is_sanitized(program):
        raise SystemExit(f"{program} was built without the address sanitizer: build it by cmake/build.sh asan hasten")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *TESTS],
            env=dict(os.environ, HASTEN=str(program), HASTEN_TEST_SANITIZED="1"))
        rows = counts_of(report)
    table = [f"{measured_by('make test-forged-asan')}.", "", "| what was read | files |", "|---|---|"]
    table += [f"| {what} | {number} |" for what, number in rows]
    text = "\n".join(table)
    print(text)
    if done.returncode == 0 and not arguments.dry_run:
        write_part("forged", text)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
