"""Runs every unit test program of a build folder and the end-to-end tests, and counts them.

usage: run_all.py BUILD_FOLDER [PYTEST_ARGUMENT...]

HASTEN_TEST_EMULATOR is a command that runs the programs of another processor.
The last line is "N passed, N failed, N skipped"; the exit status is 1 when one failed or none ran.
"""

import os
import shlex
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def count_results(report: Path) -> tuple[int, int, int]:
    """Passed, failed and skipped test cases of one JUnit report."""
    passed = failed = skipped = 0
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def run_program(name: str, command: list, report: Path, environment=None) -> tuple[int, int, int]:
    """Runs one test program; its output is shown only when something failed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
    counts = count_results(report) if report.exists() else (0, 0, 0)
    if done.returncode != 0 and counts[1] == 0:
        counts = (counts[0], 1, counts[2])  # it crashed, or found nothing to run
    print(f"{name:<24} {counts[0]:>5} passed {counts[1]:>3} failed {counts[2]:>3} skipped", flush=True)
    if counts[1]:
        print(done.stdout.decode(errors="replace")[-20000:])
    return counts


def hasten_of(build: Path, emulator: list, folder: Path) -> Path:
    """The program that the end-to-end tests call."""
    if not emulator:
        return build / "hasten"
    script = folder / "hasten"
    script.write_text(f'#!/bin/sh\nexec {shlex.join([*emulator, str(build / "hasten")])} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return script


def main() -> int:
    build = Path(sys.argv[1]).resolve()
    emulator = shlex.split(os.environ.get("HASTEN_TEST_EMULATOR", ""))
    totals = [0, 0, 0]
    with tempfile.TemporaryDirectory() as folder:
        for program in sorted(build.rglob("*_test")):
            if not os.access(program, os.X_OK) or program.is_dir():
                continue
            report = Path(folder) / f"{program.name}.xml"
            counts = run_program(program.name, [*emulator, program, f"--gtest_output=xml:{report}"], report)
            totals = [total + count for total, count in zip(totals, counts)]
        report = Path(folder) / "end_to_end.xml"
        environment = dict(os.environ, HASTEN=str(hasten_of(build, emulator, Path(folder))))
        counts = run_program(
            "end to end",
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}",
             ROOT / "tests", *sys.argv[2:]],
            report, environment)
        totals = [total + count for total, count in zip(totals, counts)]
    print(f"{totals[0]} passed, {totals[1]} failed, {totals[2]} skipped")
    return 1 if totals[1] or not totals[0] else 0


if __name__ == "__main__":
    sys.exit(main())
